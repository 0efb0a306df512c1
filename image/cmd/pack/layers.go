package main

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// part is what one layer holds: what changes together. A new version of Fairlead that is made with the same libraries has
// only its last layer to be pulled.
type part struct {
	comment   string
	directory string // a file belongs to the part with the longest directory that it is in
}

// From what seldom changes to what always does.
var parts = []part{
	{"the C library, users, directories", ""},
	{"the Java runtime", "opt/java"},
	{"libraries", "app/lib"},
	{"Fairlead", "app"},
}

// file is one entry of the root file system.
type file struct {
	header  tar.Header
	content string // where it is read from
}

// tree is all of them, in the order of their names.
type tree []file

func read(o options) (tree, error) {
	uid, gid, err := numbers(o.user)
	if err != nil {
		return nil, err
	}
	var files tree
	// WalkDir goes by name.
	err = filepath.WalkDir(o.root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || path == o.root {
			return err
		}
		name, err := filepath.Rel(o.root, path)
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		link := ""
		if info.Mode()&fs.ModeSymlink != 0 {
			if link, err = os.Readlink(path); err != nil {
				return err
			}
		}
		header, err := tar.FileInfoHeader(info, link)
		if err != nil {
			return err
		}
		clean := tar.Header{Typeflag: header.Typeflag, Name: name, Linkname: link, Size: header.Size, Mode: header.Mode & 0o7777,
			ModTime: header.ModTime.UTC().Truncate(time.Second), Format: tar.FormatPAX}
		if entry.IsDir() {
			clean.Name += "/"
		}
		if o.own != "" && (name == o.own || strings.HasPrefix(name, o.own+"/")) {
			clean.Uid, clean.Gid = uid, gid
		}
		files = append(files, file{header: clean, content: path})
		return nil
	})
	return files, err
}

func numbers(user string) (uid, gid int, err error) {
	first, second, _ := strings.Cut(user, ":")
	if uid, err = strconv.Atoi(first); err != nil {
		return 0, 0, fmt.Errorf("--user %s: a number, so that Kubernetes can see that it is not root", user)
	}
	gid, err = strconv.Atoi(second)
	return uid, gid, err
}

// of are the files of one part.
func (t tree) of(p *part) tree {
	var chosen tree
	for _, f := range t {
		if owner(strings.TrimSuffix(f.header.Name, "/")) == p {
			chosen = append(chosen, f)
		}
	}
	return chosen
}

func owner(name string) *part {
	longest := &parts[0]
	for i := range parts {
		p := &parts[i]
		if (name == p.directory || strings.HasPrefix(name, p.directory+"/")) && len(p.directory) > len(longest.directory) {
			longest = p
		}
	}
	return longest
}

func newLayer(files tree) (v1.Layer, error) {
	var content bytes.Buffer
	writer := tar.NewWriter(&content)
	for _, f := range files {
		if err := writer.WriteHeader(&f.header); err != nil {
			return nil, err
		}
		if f.header.Typeflag == tar.TypeReg {
			data, err := os.ReadFile(f.content)
			if err != nil {
				return nil, err
			}
			if _, err := writer.Write(data); err != nil {
				return nil, err
			}
		}
	}
	if err := writer.Close(); err != nil {
		return nil, err
	}
	return tarball.LayerFromOpener(func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(content.Bytes())), nil
	}, tarball.WithMediaType(types.OCILayer), tarball.WithCompressedCaching)
}
