//go:build !linux

// Command podnet needs Linux.
package main

import "log"

func main() { log.Fatal("podnet: network namespaces are Linux's") }
