// Command cluster runs a real Kubernetes control plane (etcd, kube-apiserver, kube-controller-manager, kube-scheduler, and kwok
// in the place of the kubelets) for tests, demo and benchmarks. See docs/testbed.md.
//
// One supervisor process for each cluster is the parent of its components. The other verbs speak to it over a socket in the
// cluster's directory, so that a component is always ended, reaped and restarted by the process that started it. When the
// supervisor dies, its components die with it (Linux).
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

const usage = `usage: cluster VERB DIR [options]

  start DIR             start a control plane whose files are in DIR and wait until it is ready
      --nodes N             pretended nodes (default 2); with 0 nothing pretends, for a real node beside it
      --stages DIR          further kwok stages, *.yaml (may be repeated)
      --apiserver-arg ARG   one more argument for kube-apiserver (may be repeated)
      --with-parent PID     stop when the process with this id is gone
      --timeout DURATION    give up after this time (default 2m)
  stop DIR              end all its processes; a stopped cluster is no error
  status DIR            one line a process: name, pid, log
  kubeconfig DIR        print the path of the administrator's kubeconfig
  env DIR               print shell assignments: eval "$(testbed/cluster env DIR)"
  token DIR NAMESPACE SERVICEACCOUNT
                        make a kubeconfig with a token of this ServiceAccount (created if absent) and print its path
  stop-apiserver DIR    end kube-apiserver in an orderly way
  kill-apiserver DIR    end kube-apiserver by SIGKILL
  start-apiserver DIR   start it again: same port, same data; wait until it is ready
`

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "cluster:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	if len(args) == 0 || args[0] == "help" || args[0] == "--help" {
		_, err := io.WriteString(out, usage)
		return err
	}
	if len(args) < 2 {
		return errors.New("a directory is missing\n\n" + usage)
	}
	dir, err := filepath.Abs(args[1])
	if err != nil {
		return err
	}
	verb, rest := args[0], args[2:]
	switch verb {
	case "start", supervise:
		options, err := parseOptions(rest)
		if err != nil {
			return err
		}
		if verb == supervise {
			return superviseCluster(dir, options)
		}
		return start(dir, options, rest, out)
	case "token":
		if len(rest) != 2 {
			return errors.New("usage: cluster token DIR NAMESPACE SERVICEACCOUNT")
		}
		path, err := tokenKubeconfig(dir, rest[0], rest[1])
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(out, path)
		return err
	}
	if len(rest) > 0 {
		return fmt.Errorf("%s takes no %s", verb, strings.Join(rest, " "))
	}
	switch verb {
	case "stop":
		return stop(dir)
	case "status":
		return status(dir, out)
	case "kubeconfig":
		if _, err := os.Stat(filepath.Join(dir, serverFile)); err != nil {
			return fmt.Errorf("there is no cluster in %s", dir)
		}
		_, err = fmt.Fprintln(out, kubeconfigPath(dir))
		return err
	case "env":
		return env(dir, out)
	case stopAPIServer, killAPIServer, startAPIServer:
		_, err := ask(dir, verb)
		return err
	default:
		return fmt.Errorf("%q is no verb\n\n%s", verb, usage)
	}
}

func env(dir string, out io.Writer) error {
	url, err := os.ReadFile(filepath.Join(dir, serverFile))
	if err != nil {
		return fmt.Errorf("there is no cluster in %s", dir)
	}
	_, err = fmt.Fprintf(out, "export KUBECONFIG=%s\nexport FAIRLEAD_TESTBED_SERVER=%s\nexport PATH=%s:\"$PATH\"\n",
		quote(kubeconfigPath(dir)), quote(strings.TrimSpace(string(url))), quote(binaries()))
	return err
}

func quote(s string) string {
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// binaries is the directory of the control plane's programs, which is where this program lies itself.
func binaries() string {
	self, err := os.Executable()
	if err != nil {
		return "."
	}
	return filepath.Dir(self)
}

type repeated []string

func (r *repeated) String() string     { return strings.Join(*r, " ") }
func (r *repeated) Set(s string) error { *r = append(*r, s); return nil }

func parseOptions(args []string) (options, error) {
	o := options{}
	flags := flag.NewFlagSet("cluster start DIR", flag.ContinueOnError)
	flags.IntVar(&o.nodes, "nodes", 2, "pretended nodes")
	flags.Var((*repeated)(&o.stages), "stages", "directory of further kwok stages")
	flags.Var((*repeated)(&o.apiserverArgs), "apiserver-arg", "one more argument for kube-apiserver")
	flags.IntVar(&o.parent, "with-parent", 0, "stop when the process with this id is gone")
	flags.DurationVar(&o.timeout, "timeout", defaultTimeout, "give up after this time")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("start takes no %s", strings.Join(flags.Args(), " "))
	}
	if o.nodes < 0 || o.nodes > 100 {
		return o, fmt.Errorf("--nodes %d: 0 to 100", o.nodes)
	}
	return o, nil
}
