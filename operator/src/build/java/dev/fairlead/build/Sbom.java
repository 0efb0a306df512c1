package dev.fairlead.build;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes the SBOM of the image: that of the jars, as CycloneDX's Maven plugin wrote it, with the
 * Debian packages that the image has files of, the JDK among them.
 *
 * <p>Arguments: the plugin's file, the directory with a control file for each package, the file to
 * write. Run as a source file by image/rootfs, with the operator's libraries; single-threaded.
 */
final class Sbom {
  private Sbom() {}

  public static void main(String[] arguments) throws IOException {
    var mapper =
        JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .disable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();
    ObjectNode bom = (ObjectNode) mapper.readTree(Path.of(arguments[0]));
    ((ObjectNode) bom.path("metadata").path("component")).put("type", "container");
    ArrayNode components = (ArrayNode) bom.path("components");
    try (Stream<Path> files = Files.list(Path.of(arguments[1]))) {
      for (Path control : files.sorted().toList()) {
        add(components.addObject(), fields(control));
      }
    }
    Files.writeString(Path.of(arguments[2]), mapper.writeValueAsString(bom) + "\n");
  }

  private static void add(ObjectNode component, Map<String, String> fields) {
    String name = fields.get("Package");
    String version = fields.get("Version");
    String purl =
        "pkg:deb/debian/%s@%s?arch=%s&distro=debian-13"
            .formatted(encode(name), encode(version), fields.get("Architecture"));
    component
        .put("type", "library")
        .put("bom-ref", purl)
        .put("publisher", fields.get("Maintainer"))
        .put("name", name)
        .put("version", version)
        .put("description", fields.get("Description"))
        .put("scope", "required")
        .put("purl", purl);
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /** The fields of a control file, each with its first line. */
  private static Map<String, String> fields(Path control) throws IOException {
    List<String> lines = Files.readAllLines(control);
    return lines.stream()
        .filter(line -> !line.startsWith(" ") && line.contains(": "))
        .collect(
            Collectors.toMap(
                line -> line.substring(0, line.indexOf(':')),
                line -> line.substring(line.indexOf(':') + 2),
                (first, second) -> first));
  }
}
