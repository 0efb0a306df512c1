//go:build !linux

package main

import "syscall"

// attributes: without Linux nothing ends the programs of a demo that was killed by SIGKILL.
func attributes(bool) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
