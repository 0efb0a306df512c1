package main

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"
)

// Names of the components are names of their programs.
const (
	etcd              = "etcd"
	apiserver         = "kube-apiserver"
	controllerManager = "kube-controller-manager"
	scheduler         = "kube-scheduler"
	kwok              = "kwok"
)

type ports struct{ etcdClient, etcdPeer, apiserver int }

func (p ports) server() string { return "https://" + loopback(p.apiserver) }

func etcdArgs(dir string, p ports) []string {
	client, peer := "http://"+loopback(p.etcdClient), "http://"+loopback(p.etcdPeer)
	return []string{
		"--data-dir=" + filepath.Join(dir, "etcd"),
		"--listen-client-urls=" + client,
		"--advertise-client-urls=" + client,
		"--listen-peer-urls=" + peer,
		"--initial-advertise-peer-urls=" + peer,
		"--initial-cluster=default=" + peer,
		"--unsafe-no-fsync", // the data is thrown away in the end, and fsync is most of the cost of a write
		"--log-level=warn",
	}
}

func apiserverArgs(dir string, p ports, more []string) []string {
	in := func(name string) string { return filepath.Join(dir, name) }
	return append([]string{
		"--etcd-servers=http://" + loopback(p.etcdClient),
		fmt.Sprintf("--secure-port=%d", p.apiserver),
		"--bind-address=127.0.0.1",
		// Without these two it looks for a default route, and publishes an address where nothing listens.
		"--advertise-address=127.0.0.1",
		"--endpoint-reconciler-type=none",
		"--tls-cert-file=" + in(certFile),
		"--tls-private-key-file=" + in(keyFile),
		"--service-account-key-file=" + in(saKeyFile),
		"--service-account-signing-key-file=" + in(saKeyFile),
		"--service-account-issuer=https://kubernetes.default.svc",
		"--token-auth-file=" + in(tokensFile),
		"--authorization-mode=RBAC",
		"--service-cluster-ip-range=10.96.0.0/16",
		"--allow-privileged",
	}, more...)
}

func controllerManagerArgs(dir string) []string {
	return []string{
		"--kubeconfig=" + kubeconfigPath(dir),
		"--service-account-private-key-file=" + filepath.Join(dir, saKeyFile),
		"--root-ca-file=" + filepath.Join(dir, caFile),
		"--use-service-account-credentials",
		"--secure-port=0",
		"--leader-elect=false",
		"--kube-api-qps=200",
		"--kube-api-burst=400",
		// A pretended node cannot be lost: after an outage of the API server its stale lease must not make pods unready.
		"--node-monitor-grace-period=1h",
	}
}

func schedulerArgs(dir string) []string {
	return []string{
		"--kubeconfig=" + kubeconfigPath(dir),
		"--secure-port=0",
		"--leader-elect=false",
		"--kube-api-qps=200",
		"--kube-api-burst=400",
	}
}

func kwokArgs(dir string, stageDirs []string) ([]string, error) {
	args := []string{
		"--kubeconfig=" + kubeconfigPath(dir),
		"--manage-all-nodes=true",
		// No leases: a new kwok would wait until those of the one before it have run out, and renewing them is noise in figures.
		"--node-lease-duration-seconds=0",
		"--v=warn",
	}
	for _, stageDir := range stageDirs {
		files, err := filepath.Glob(filepath.Join(stageDir, "*.yaml"))
		if err != nil {
			return nil, err
		}
		if len(files) == 0 {
			return nil, fmt.Errorf("no *.yaml in the stage directory %s", stageDir)
		}
		sort.Strings(files)
		for _, file := range files {
			args = append(args, "--config="+file)
		}
	}
	return args, nil
}

// stageDirs are the stock stages, which lie beside the programs; ours, whose place the script testbed/cluster tells; and those
// that this start was given.
func stageDirs(o options) ([]string, error) {
	dirs := []string{filepath.Join(binaries(), "stages")}
	if ours := os.Getenv("FAIRLEAD_TESTBED_STAGES"); ours != "" {
		dirs = append(dirs, ours)
	}
	for _, dir := range o.stages {
		absolute, err := filepath.Abs(dir)
		if err != nil {
			return nil, err
		}
		dirs = append(dirs, absolute)
	}
	return dirs, nil
}
