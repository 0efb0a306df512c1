package dev.fairlead.cluster;

import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Resource;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** The paths and queries of the API. */
final class Paths {
  private Paths() {}

  /**
   * The collection of a resource.
   *
   * @param namespace empty for all namespaces, and for a cluster-scoped resource
   */
  static String collection(Resource resource, String namespace) {
    StringBuilder path = new StringBuilder(96);
    if (resource.group().isEmpty()) {
      path.append("/api/");
    } else {
      path.append("/apis/").append(encode(resource.group())).append('/');
    }
    path.append(encode(resource.version()));
    if (resource.namespaced() && !namespace.isEmpty()) {
      path.append("/namespaces/").append(encode(namespace));
    }
    return path.append('/').append(encode(resource.plural())).toString();
  }

  /**
   * One object or a part of it.
   *
   * @param subresource empty for the object itself
   */
  static String object(Resource resource, ObjectKey key, String subresource) {
    if (resource.namespaced() == key.namespace().isEmpty()) {
      throw new IllegalArgumentException(
          resource.namespaced() ? key + " needs a namespace" : key + " must not have a namespace");
    }
    if (key.name().isEmpty()) {
      throw new IllegalArgumentException(key + " needs a name");
    }
    String path = collection(resource, key.namespace()) + "/" + encode(key.name());
    return subresource.isEmpty() ? path : path + "/" + encode(subresource);
  }

  static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
