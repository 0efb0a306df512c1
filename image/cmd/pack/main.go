// Command pack makes an OCI image of a root file system: a tar file with an OCI layout, as containerd, podman and skopeo read it.
//
//	pack --root DIRECTORY --arch amd64|arm64 --out FILE --name NAME:TAG --created TIME [--label KEY=VALUE ...] [--entrypoint WORD ...]
//
// The same input gives the same image: entries are sorted, their owner is root (or who --own says), and their time is the one of
// the files, which image/rootfs has set. Prints the image's digest.
package main

import (
	"archive/tar"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

type options struct {
	root, arch, out, name, user, created, own string
	entrypoint, labels, env, ports            words
}

// words is a flag that may be given more than once.
type words []string

func (w *words) String() string { return strings.Join(*w, " ") }

func (w *words) Set(word string) error {
	*w = append(*w, word)
	return nil
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("pack: ")
	var o options
	flag.StringVar(&o.root, "root", "", "the root file system")
	flag.StringVar(&o.arch, "arch", "", "amd64 or arm64")
	flag.StringVar(&o.out, "out", "", "the file to write")
	flag.StringVar(&o.name, "name", "", "what the image is called, with a tag")
	flag.StringVar(&o.user, "user", "65532:65532", "whom it runs as, in numbers")
	flag.StringVar(&o.own, "own", "", "a directory that belongs to that user")
	flag.StringVar(&o.created, "created", "", "when the image was made, as RFC 3339 has it")
	flag.Var(&o.entrypoint, "entrypoint", "a word of the command; again for the next one")
	flag.Var(&o.labels, "label", "KEY=VALUE, for the configuration and as an annotation")
	flag.Var(&o.env, "env", "NAME=VALUE")
	flag.Var(&o.ports, "port", "a port that is listened on, such as 8080/tcp")
	flag.Parse()
	digest, err := pack(o)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(digest)
}

func pack(o options) (v1.Hash, error) {
	created, err := time.Parse(time.RFC3339, o.created)
	if err != nil {
		return v1.Hash{}, err
	}
	image := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	files, err := read(o)
	if err != nil {
		return v1.Hash{}, err
	}
	for i := range parts {
		part := &parts[i]
		layer, err := newLayer(files.of(part))
		if err != nil {
			return v1.Hash{}, err
		}
		history := v1.History{Author: "Fairlead", Created: v1.Time{Time: created.UTC()}, CreatedBy: "image/rootfs", Comment: part.comment}
		if image, err = mutate.Append(image, mutate.Addendum{Layer: layer, History: history}); err != nil {
			return v1.Hash{}, err
		}
	}
	config, err := image.ConfigFile()
	if err != nil {
		return v1.Hash{}, err
	}
	config = config.DeepCopy()
	config.Architecture, config.OS, config.Author = o.arch, "linux", "Fairlead"
	config.Created = v1.Time{Time: created.UTC()}
	labels := map[string]string{}
	for _, label := range o.labels {
		key, value, _ := strings.Cut(label, "=")
		labels[key] = value
	}
	ports := map[string]struct{}{}
	for _, port := range o.ports {
		ports[port] = struct{}{}
	}
	config.Config = v1.Config{User: o.user, Entrypoint: o.entrypoint, Env: o.env, Labels: labels, ExposedPorts: ports, WorkingDir: "/"}
	if image, err = mutate.ConfigFile(image, config); err != nil {
		return v1.Hash{}, err
	}
	image = mutate.Annotations(image, labels).(v1.Image)
	if err := write(image, o); err != nil {
		return v1.Hash{}, err
	}
	return image.Digest()
}

// write writes the layout into a directory beside the file, and the directory as a tar file.
func write(image v1.Image, o options) error {
	scratch, err := os.MkdirTemp(filepath.Dir(o.out), "layout-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	path, err := layout.Write(scratch, empty.Index)
	if err != nil {
		return err
	}
	_, tag, _ := strings.Cut(filepath.Base(o.name), ":")
	// The first is the tag, by the standard; the second is the whole name, which containerd imports it under.
	names := map[string]string{"org.opencontainers.image.ref.name": tag, "io.containerd.image.name": o.name}
	platform := layout.WithPlatform(v1.Platform{OS: "linux", Architecture: o.arch})
	if err := path.AppendImage(image, layout.WithAnnotations(names), platform); err != nil {
		return err
	}
	out, err := os.Create(o.out + ".new")
	if err != nil {
		return err
	}
	defer out.Close()
	if err := archive(out, scratch); err != nil {
		return err
	}
	if err := out.Close(); err != nil {
		return err
	}
	return os.Rename(o.out+".new", o.out)
}

// archive writes the files below a directory, without what depends on when and where.
func archive(out io.Writer, directory string) error {
	var names []string
	err := filepath.WalkDir(directory, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			names = append(names, path)
		}
		return err
	})
	if err != nil {
		return err
	}
	slices.Sort(names)
	writer := tar.NewWriter(out)
	for _, name := range names {
		relative, err := filepath.Rel(directory, name)
		if err != nil {
			return err
		}
		content, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if err := writer.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: relative, Mode: 0o644, Size: int64(len(content))}); err != nil {
			return err
		}
		if _, err := writer.Write(content); err != nil {
			return err
		}
	}
	return writer.Close()
}
