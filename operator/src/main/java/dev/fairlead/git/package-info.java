/**
 * Mirrors of Git repositories: looks at refs, fetches single commits and reads their trees and
 * files, and is the only package that uses JGit. It must not interpret what it reads, write to a
 * remote, make a work tree, or let a credential out in a message, a file or another host's request.
 */
@NullMarked
package dev.fairlead.git;

import org.jspecify.annotations.NullMarked;
