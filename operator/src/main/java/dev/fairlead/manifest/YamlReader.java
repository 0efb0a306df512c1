package dev.fairlead.manifest;

import dev.fairlead.model.Json;
import dev.fairlead.model.Origin;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.parser.Parser;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.StreamReader;

/**
 * Reads YAML as kubectl reads it, with the place of every value.
 *
 * <p>SnakeYAML gives the events, everything after them is ours: what a scalar means, merges,
 * aliases and their bounds. Unlike kubectl it refuses what is silently lost there: a key that is
 * set twice, bytes that are no text, and text after a document's end. Stateless.
 */
final class YamlReader {
  private YamlReader() {}

  /** Reads what nobody else decides on. */
  static Documents read(String file, byte[] utf8, Limits limits) {
    try {
      return read(file, utf8, limits, ManifestMemory.unlimited());
    } catch (Unreadable e) {
      throw new IllegalStateException("memory without a limit", e);
    }
  }

  /**
   * Reads all documents; each one is read whatever the others hold.
   *
   * @param utf8 as {@link SourceText#utf8} gives it
   * @throws Unreadable there are too many of them
   */
  static Documents read(String file, byte[] utf8, Limits limits, ManifestMemory memory)
      throws Unreadable {
    FileFindings findings = new FileFindings();
    List<Documents.Document> documents = new ArrayList<>();
    YamlTree.Budget budget = new YamlTree.Budget(limits.maxExpandedNodes(), memory);
    for (SourceText.Part part : SourceText.parts(file, utf8, memory, findings)) {
      Origin origin = new Origin(file, part.index(), 0);
      int before = findings.count();
      try {
        Json value =
            document(
                SourceText.text(utf8, part),
                part.firstLine() - 1,
                limits,
                memory,
                budget,
                (line, because) -> findings.add(new Finding(origin.atLine(line), because)));
        if (findings.count() == before) {
          documents.add(new Documents.Document(part.index(), value));
        }
      } catch (Unreadable e) {
        findings.add(new Finding(origin.atLine(e.line()), e.because()));
        if (budget.spent()) {
          break;
        }
      }
    }
    return new Documents(documents, findings);
  }

  private static Json document(
      String text,
      int linesBefore,
      Limits limits,
      ManifestMemory memory,
      YamlTree.Budget budget,
      Complaints complaints)
      throws Unreadable {
    long size = SourceText.memory(text);
    memory.hold(size, linesBefore + 1);
    LoaderOptions options = new LoaderOptions();
    options.setCodePointLimit(Integer.MAX_VALUE);
    Parser events = new ParserImpl(new StreamReader(text), options);
    try {
      events.getEvent();
      if (events.checkEvent(Event.ID.StreamEnd)) {
        return new Json.Null(linesBefore + 1, 1);
      }
      events.getEvent();
      Json value = new YamlTree(events, linesBefore, limits.maxDepth(), budget, complaints).read();
      events.getEvent();
      if (!events.checkEvent(Event.ID.StreamEnd)) {
        int line = linesBefore + events.peekEvent().getStartMark().getLine() + 1;
        throw new Unreadable(
            line, "invalid YAML: text after the end of a document; put --- between two");
      }
      return value;
    } catch (Unreadable e) {
      throw new Unreadable(e.line(), YamlProblem.advised(e.because(), text));
    } catch (MarkedYAMLException e) {
      throw new Unreadable(linesBefore + lineOf(e, text), YamlProblem.describe(e, text));
    } catch (YAMLException e) {
      throw new Unreadable(linesBefore + 1, "invalid YAML");
    } finally {
      memory.release(size);
    }
  }

  /**
   * The problem's line, but never one below the text: what is missing at its end is missing there.
   */
  private static int lineOf(MarkedYAMLException e, String text) {
    @Nullable Mark mark = e.getProblemMark() != null ? e.getProblemMark() : e.getContextMark();
    int last = 1 + (int) text.stripTrailing().chars().filter(c -> c == '\n').count();
    return mark == null ? last : Math.min(last, mark.getLine() + 1);
  }
}
