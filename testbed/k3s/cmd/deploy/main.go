// Command deploy does what the deploy controller of K3s does with the files of server/manifests, by the library that it does it
// with: each is applied at the start and when it changes, and what has left a file is deleted. What was in a file that is gone stays.
//
// Other than there, what a file held is not remembered beyond the life of this process.
package main

import (
	"bufio"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/rancher/wrangler/v3/pkg/apply"
	"github.com/rancher/wrangler/v3/pkg/objectset"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/tools/clientcmd"
)

func main() {
	kubeconfig := flag.String("kubeconfig", "", "of an administrator")
	manifests := flag.String("manifests", "", "the directory with the files")
	node := flag.String("node", "server", "the name of the node, which is in the name of the field manager")
	flag.Parse()
	if err := run(*kubeconfig, *manifests, *node); err != nil {
		fmt.Fprintln(os.Stderr, "deploy:", err)
		os.Exit(1)
	}
}

func run(kubeconfig, manifests, node string) error {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	// What stands before the slash is the field manager of its writes.
	config.UserAgent = "deploy@" + node + "/k3s"
	applier, err := apply.NewForConfig(config)
	if err != nil {
		return err
	}
	applier = applier.WithDynamicLookup()
	applied, kinds := map[string]string{}, map[string][]schema.GroupVersionKind{}
	for {
		files, err := filepath.Glob(filepath.Join(manifests, "*.yaml"))
		if err != nil {
			return err
		}
		for _, file := range files {
			content, err := os.ReadFile(file)
			if err != nil || string(content) == applied[file] {
				continue
			}
			objects, err := parse(content)
			if err == nil {
				set := objectset.NewObjectSet(objects...)
				kinds[file] = append(kinds[file], set.GVKs()...)
				err = applier.WithOwner(addon(file)).WithGVK(kinds[file]...).Apply(set)
			}
			if err != nil {
				fmt.Printf("failed to process %s: %v\n", filepath.Base(file), err)
				continue
			}
			applied[file] = string(content)
			fmt.Printf("applied %s, %d objects\n", filepath.Base(file), len(objects))
		}
		time.Sleep(time.Second)
	}
}

// addon is the object that stands for a file; its name is in annotations of what it owns.
func addon(file string) runtime.Object {
	name, _, _ := strings.Cut(filepath.Base(file), ".")
	owner := &unstructured.Unstructured{}
	owner.SetAPIVersion("k3s.cattle.io/v1")
	owner.SetKind("Addon")
	owner.SetNamespace("kube-system")
	owner.SetName(name)
	return owner
}

func parse(content []byte) ([]runtime.Object, error) {
	var objects []runtime.Object
	reader := yaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(content)))
	for {
		document, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return objects, nil
		}
		if err != nil {
			return nil, err
		}
		object := &unstructured.Unstructured{}
		if err := yaml.Unmarshal(document, &object.Object); err != nil {
			return nil, err
		}
		if len(object.Object) > 0 {
			objects = append(objects, object)
		}
	}
}
