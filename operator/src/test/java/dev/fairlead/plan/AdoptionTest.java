package dev.fairlead.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Json;
import dev.fairlead.model.ObjectKey;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What goes when an object is taken over; OwnershipIT shows the same of the real thing. */
final class AdoptionTest {
  private static final String US = "fairlead/a/sync";

  /**
   * @param owners who has what before
   * @param applied what is ours after the apply
   * @param after the object after its dry run
   * @param outcome the object in the end
   */
  record Case(
      String name,
      boolean adopting,
      List<Owner> owners,
      String applied,
      String after,
      String outcome) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Owner owner(String manager, String fields) {
    return ObjectDiffTest.owner(manager, fields);
  }

  private static Stream<Case> cases() {
    return Stream.of(
        new Case(
            "what kubectl wrote and Git does not have goes",
            true,
            List.of(owner("kubectl-client-side-apply", "{'f:data':{'.':{},'f:a':{},'f:b':{}}}")),
            "{'f:data':{'f:a':{}}}",
            "{'data':{'a':1,'b':1}}",
            "{'data':{'a':1}}"),
        new Case(
            "what Helm wrote goes",
            true,
            List.of(owner("helm", "{'f:data':{'f:b':{}}}")),
            "{'f:data':{'f:a':{}}}",
            "{'data':{'a':1,'b':1}}",
            "{'data':{'a':1}}"),
        new Case(
            "what a controller wrote stays",
            true,
            List.of(owner("some-controller", "{'f:data':{'f:b':{}}}")),
            "{'f:data':{'f:a':{}}}",
            "{'data':{'a':1,'b':1}}",
            "{'data':{'a':1,'b':1}}"),
        new Case(
            "what a controller wrote too stays",
            true,
            List.of(
                owner("kubectl-edit", "{'f:data':{'f:b':{},'f:c':{}}}"),
                owner("some-controller", "{'f:data':{'f:b':{}}}")),
            "{'f:data':{'f:a':{}}}",
            "{'data':{'a':1,'b':1,'c':1}}",
            "{'data':{'a':1,'b':1}}"),
        new Case(
            "a map that kubectl wrote and in which Git has something stays",
            true,
            List.of(owner("kubectl", "{'f:spec':{'f:m':{'.':{},'f:a':{},'f:b':{}}}}")),
            "{'f:spec':{'f:m':{'f:a':{}}}}",
            "{'spec':{'m':{'a':1,'b':1}}}",
            "{'spec':{'m':{'a':1}}}"),
        new Case(
            "an item that kubectl wrote goes as a whole",
            true,
            List.of(
                owner(
                    "kubectl",
                    "{\"f:c\":{\"k:{\\\"name\\\":\\\"x\\\"}\":{\".\":{},\"f:name\":{}}}}")),
            "{}",
            "{'c':[{'name':'x','filled':1},{'name':'y'}]}",
            "{'c':[{'name':'y'}]}"),
        new Case(
            "the mark of a restart stays",
            true,
            List.of(owner("kubectl-rollout", "{'f:metadata':{'f:annotations':{'f:r':{}}}}")),
            "{}",
            "{'metadata':{'annotations':{'r':1}}}",
            "{'metadata':{'annotations':{'r':1}}}"),
        new Case(
            "nothing goes of an object that is ours already",
            false,
            List.of(owner("kubectl-edit", "{'f:data':{'f:b':{}}}")),
            "{'f:data':{'f:a':{}}}",
            "{'data':{'a':1,'b':1}}",
            "{'data':{'a':1,'b':1}}"));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void tells(Case c) {
    Live live =
        new Live(
            new ObjectKey("", "ConfigMap", "a", "b"),
            "u",
            "1",
            OptionalLong.empty(),
            false,
            Map.of(),
            Map.of(),
            c.owners());
    Ownership.Claim claim = new Ownership.Claim(US, Json.Obj.empty(), List.of(), c.adopting());
    FieldSet applied = FieldSet.of("v1", ObjectDiffTest.parse(c.applied()));
    assertThat(Adoption.outcome(live, claim, applied, ObjectDiffTest.parse(c.after())))
        .isEqualTo(ObjectDiffTest.parse(c.outcome()));
  }
}
