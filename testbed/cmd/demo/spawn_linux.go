package main

import "syscall"

// attributes give a program a process group of its own, so that a terminal's Ctrl-C reaches the demo alone, which then ends
// the others in order. A program that is tied dies with the demo, however that ended; the thread that started it counts as
// its parent, which is why main never leaves its thread.
func attributes(tied bool) *syscall.SysProcAttr {
	attributes := &syscall.SysProcAttr{Setpgid: true}
	if tied {
		attributes.Pdeathsig = syscall.SIGTERM
	}
	return attributes
}
