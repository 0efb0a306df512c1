package dev.fairlead.health;

/** An entry of {@code status.conditions}; what it leaves out is empty. */
record StatusCondition(String type, String status, String reason, String message) {
  boolean isTrue() {
    return status.equals("True");
  }

  boolean isFalse() {
    return status.equals("False");
  }

  boolean is(String otherType) {
    return type.equals(otherType);
  }
}
