package dev.fairlead.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.manifest.JsonReader;
import dev.fairlead.model.Json;
import dev.fairlead.model.JsonPointer;
import dev.fairlead.plan.IgnoredFields.Undivided;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class IgnoredFieldsTest {
  private static final String PODS =
      "{'spec':{'containers':[{'name':'a','image':'a:1'},{'name':'b','image':'b:1','args':['x','y']}]}}";

  /** With {@code '} for a quotation mark, and {@code ^} for one within a string. */
  static Json.Obj json(String text) {
    try {
      return (Json.Obj)
          JsonReader.parse(
              text.replace('\'', '"').replace("^", "\\\"").getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static List<JsonPointer> pointers(String... texts) {
    return Arrays.stream(texts).map(t -> JsonPointer.parse(t).orElseThrow()).toList();
  }

  private static String text(Json json) {
    return json.toJson().replace('"', '\'');
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          a field is taken out                    | {'spec':{'replicas':3,'paused':true}} | /spec/replicas | {'spec':{'paused':true}}
          a field that is not there takes nothing | {'spec':{'paused':true}} | /spec/replicas | {'spec':{'paused':true}}
          a map that is left empty goes with it   | {'kind':'X','data':{'a':'1'}} | /data/a | {'kind':'X'}
          and so do those around it               | {'kind':'X','a':{'b':{'c':1}}} | /a/b/c | {'kind':'X'}
          a map that was empty before stays       | {'kind':'X','data':{}} | /data/a | {'kind':'X','data':{}}
          two fields                              | {'data':{'a':'1','b':'2','c':'3'}} | /data/a,/data/b | {'data':{'c':'3'}}
          a field and one within it               | {'x':1,'a':{'b':1,'c':2}} | /a,/a/b | {'x':1}
          a name with a slash                     | {'m':{'a/b':1,'c':2}} | /m/a~1b | {'m':{'c':2}}
          a whole list                            | {'x':1,'l':[1,2]} | /l | {'x':1}
          an item of a list                       | {'l':[1,2,3]} | /l/1 | {'l':[1,3]}
          two items, by their places in Git       | {'l':[1,2,3]} | /l/0,/l/1 | {'l':[3]}
          all items                               | {'x':1,'l':[1,2]} | /l/0,/l/1 | {'x':1}
          a field of an item                      | {'l':[{'n':'a','v':1}]} | /l/0/v | {'l':[{'n':'a'}]}
          an item by name is no pointer           | {'l':[{'n':'a'}]} | /l/a | {'l':[{'n':'a'}]}
          within a scalar there is nothing        | {'a':1} | /a/b | {'a':1}
          """)
  void ignored_fields_are_taken_out_of_the_body(
      String name, String body, String ignored, String rest) {
    assertThat(text(IgnoredFields.without(json(body), pointers(ignored.split(","))).body()))
        .isEqualTo(rest);
  }

  @Test
  void what_goes_as_a_whole_is_told() {
    assertThat(
            IgnoredFields.without(json("{'a':{'b':{'c':1}},'d':1}"), pointers("/a/b/c", "/e"))
                .removed())
        .containsExactlyElementsOf(pointers("/a", "/a/b", "/a/b/c"));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          a field                              | {'f:spec':{'f:replicas':{},'f:paused':{}}} | /spec/replicas | spec.paused
          a field that is not owned            | {'f:spec':{'f:paused':{}}} | /spec/replicas | spec.paused
          all that is in a map                 | {'f:data':{'f:a':{}},'f:x':{}} | /data/a | x
          a map with all that is in it         | {'f:data':{'f:a':{},'f:b':{}},'f:x':{}} | /data | x
          a field of an item, by Git's place   | {'f:spec':{'f:containers':{'k:{^name^:^b^}':{'.':{},'f:name':{},'f:image':{}}}}} | /spec/containers/1/image | spec.containers[name="b"]
          an item as a whole                   | {'f:spec':{'f:containers':{'k:{^name^:^a^}':{'.':{},'f:name':{}},'k:{^name^:^b^}':{'.':{},'f:name':{}}}}} | /spec/containers/0 | spec.containers[name="b"]
          an item that Git does not have       | {'f:spec':{'f:containers':{'k:{^name^:^a^}':{'.':{},'f:name':{}}}}} | /spec/containers/7/image | spec.containers[name="a"]
          within what has one owner            | {'f:spec':{'f:selector':{}}} | /spec/selector/app | spec.selector
          """)
  void ignored_fields_are_taken_out_of_what_is_owned(
      String name, String fields, String ignored, String left) {
    FieldSet owned = FieldSet.of("v1", json(fields));
    assertThat(
            String.join(
                ",",
                IgnoredFields.without(owned, json(PODS), pointers(ignored.split(","))).paths()))
        .isEqualTo(left);
  }

  @Test
  void a_field_of_what_has_one_owner_cannot_be_left_by_itself() {
    FieldSet owned = FieldSet.of("v1", json("{'f:spec':{'f:nodeSelector':{},'f:args':{}}}"));
    Json.Obj body = json("{'spec':{'nodeSelector':{'a':'1','b':'2'},'args':['x']}}");

    assertThat(IgnoredFields.undivided(owned, body, pointers("/spec/nodeSelector/a")))
        .contains(
            new Undivided(
                pointers("/spec/nodeSelector/a").getFirst(),
                pointers("/spec/nodeSelector").getFirst()));
    // All of it is left to others, in parts or at once.
    assertThat(
            IgnoredFields.undivided(
                owned, body, pointers("/spec/nodeSelector", "/spec/nodeSelector/a")))
        .isEmpty();
    assertThat(IgnoredFields.undivided(owned, body, pointers("/spec/args"))).isEmpty();
  }
}
