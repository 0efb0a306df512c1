// Command semver prints which versions Masterminds/semver finds in which ranges: the table that SemverRangeTest holds ours against. It is run by
// hand, and its output checked in:
//
//	cd testbed && go run ./semver >../operator/src/test/resources/semver/masterminds.tsv
package main

import (
	"fmt"
	"math/rand"
	"strings"

	"github.com/Masterminds/semver/v3"
)

var versions = []string{
	"0.0.0", "0.0.1", "0.0.2", "0.0.3-rc.1", "0.0.3", "0.1.0", "0.1.9", "0.2.0", "0.2.3", "0.2.4", "0.3.0", "0.9.9",
	"1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1",
	"1.1.0", "1.1.9", "1.2.0-rc.1", "1.2.0", "1.2.2", "1.2.3-0", "1.2.3-beta", "1.2.3-beta.2", "1.2.3", "1.2.3+build.5", "1.2.4-alpha", "1.2.4",
	"1.2.10", "1.3.0-rc.1", "1.3.0", "1.10.0", "1.99.99", "2.0.0-0", "2.0.0-rc.1", "2.0.0", "2.0.1", "2.2.9", "2.3.0-rc.1", "2.3.0", "2.3.4",
	"2.4.0", "2.9.9", "3.0.0-alpha", "3.0.0", "3.1.4", "10.0.0", "20231123.1.0", "999999999999999999.0.0",
}

var ranges = []string{
	"*", "x", "X", "v*", ">=0", ">0", "<1", "<=1", "^*", "~*", "!=*", "<=*", ">*", "=*", "*.1", "x.x.x", "1", "v1", "1.2", "v1.2", "1.2.3", "v1.2.3", "=1.2.3",
	"= 1.2.3", "==1.2.3", "!=1.2.3", "!= 1.2.3", "!1.2.3", "1.x", "1.X", "1.*", "1.x.x", "1.2.x", "1.2.*", "1.x.3", "!=1.x", "!=1.2.x", "!=1",
	">1", ">1.2", ">1.2.3", ">1.2.x", ">=1", ">=1.2", ">=1.2.3", "=>1.2.3", "<1.2", "<1.2.3", "<1.2.x", "<=1.2", "<=1.2.3", "=<1.2.3", "<=1.2.x",
	"~1", "~1.2", "~1.2.3", "~1.x", "~1.2.x", "~>1.2", "~>1.2.3", "~> 1.2.3", "~0", "~0.0", "~0.0.0", "~0.0.1", "~0.2.3", "~x", "~ 1.2",
	"^1", "^1.2", "^1.2.3", "^1.x", "^1.2.x", "^0", "^0.0", "^0.0.0", "^0.0.1", "^0.0.3", "^0.2", "^0.2.3", "^0.x", "^0.0.x", "^ 1.2.3",
	">=1.0.0 <2.0.0", ">=1.0.0, <2.0.0", ">=1.0.0,<2.0.0", ">=1.0.0 ,<2.0.0", ">= 1.0.0 , < 2.0.0", ">=1.0.0<2.0.0", ">=1.0.0 && <2.0.0",
	">1.0.0 <=2.0.0 !=1.2.3", "1.2 - 2.3", "1.2.0 - 2.3.4", "1 - 2", "v1 - v2", "1.2.3 - 2", "1.2.3 -2", "1.2.3- 2", "1.2-2.3", "1.x - 2.x", "* - 2",
	"1.0.0-alpha - 1.2.3", ">=1.2 - 2.3", "1 - 2 - 3", "1 - 2, 3 - 4", "1 - 3, !=2.0.0", "1 - 3 !=2.0.0", "!=2.0.0, 1 - 3", "!=2.0.0 1 - 3", " 1 - 2 ",
	"1.x || 3.x", "1.x||3.x", "<1 || >=3", "1.2.3 || 2.0.0 || 3.0.0", "~1.2 || ^3", "1 - 2 || 10 - 11", "||", "1 ||", "|| 1", "1 | 2", "1 ||| 2", "1||2||3",
	">=1.0.0-0", ">=1.0.0-0 <2.0.0", ">=1.0.0-0 <2.0.0-0", ">=1.0.0 <2.0.0-0", "~1.2.3-0", "~1.2-0", "^1.2.3-beta", "^1.2.3-0", "1.2.3-beta", "=1.2.3-beta",
	"!=1.2.3-beta", ">1.2.3-beta", "<1.2.3-beta", "<=1.2.3-beta", "<=1.2-beta", ">1.2-beta", "1.x-0", "1.2.x-0", "!=1.2.x-0", "*-0", ">=0-0",
	">=1.0.0-alpha <1.0.0-rc || 3.x", "<3 || >=3.0.0-alpha", "^0.0.3-rc", "^0-0", "~0.0.0-0", ">=1.0.0-beta.2", ">=1.0.0-beta.11", "1.0.0-alpha.01", "1.0.0-01",
	"1.2.3+build", "1.2.3+build.5", "=1.2.3+other", ">=1.2.3+b <2", "1.2.x+b", "1.2.3-beta+b", "1.2.3+", "1.2.3-", "1.2.3-a..b", "1.2.3+a_b",
	"", " ", ",", "1,", ",1", "1,,2", "a", "1.a", "1.2.3.4", "1..2", ".1", "1.", "-1", "01", "01.02.03", "1x", "x1", "1.2x", "latest", "v", "vv1", "V1",
	">", ">=", "> =1", "><1", "<>1", "===1", "^^1", "~~1", "^~1", "1 2", "1.2 1.2.3", ">=1\t<2", ">=1\n<2", "  >=1  <2  ", "999999999999999999", "99999999999999999999999",
	">=20231123", "(1)", "1;2", "1.0.0 - ", " - 1.0.0", "1.0 - 2.0 3", "1.0 - 2.0, 2.3", ">= v1.2, < v2",
}

// random makes a range of a few terms, some of them broken.
func random(r *rand.Rand) string {
	pick := func(from ...string) string { return from[r.Intn(len(from))] }
	number := func() string { return pick("0", "0", "1", "1", "2", "3", "x", "*", "10") }
	version := func() string {
		v := pick("", "", "", "v") + number()
		for range r.Intn(3) {
			v += "." + number()
		}
		return v + pick("", "", "", "", "", "-0", "-alpha", "-beta.2", "-rc.1", "+b.1")
	}
	span := func() bool { return r.Intn(6) == 0 }
	term := func(span bool) string {
		if span {
			return version() + pick(" - ", " - ", "  -  ", "-", " -") + version()
		}
		return pick("", "", "=", "!=", ">", ">=", "=>", "<", "<=", "=<", "~", "~>", "^") + pick("", "", "", " ") + version()
	}
	before := span()
	text := term(before)
	for range r.Intn(3) {
		next := span()
		if before || next {
			// The library rewrites spans as text, and takes 1 - 2>3 and refuses 1||2 - 3 for that.
			text += pick(", ", " || ", " , ")
		} else {
			text += pick(" ", " ", ", ", ",", " || ", "||", " , ", "")
		}
		text += term(next)
		before = next
	}
	return text
}

func main() {
	random := func() func() string {
		r := rand.New(rand.NewSource(6))
		return func() string { return random(r) }
	}()
	all := append([]string{}, ranges...)
	for range 600 {
		all = append(all, random())
	}
	fmt.Println("# Made by testbed/semver with github.com/Masterminds/semver/v3: each range with a + for each version in it, or ! when it is none.")
	fmt.Println(strings.Join(versions, " "))
	for _, text := range all {
		constraint, err := semver.NewConstraint(text)
		if err != nil {
			fmt.Printf("%q\t!\n", text)
			continue
		}
		var in strings.Builder
		for _, version := range versions {
			if constraint.Check(semver.MustParse(version)) {
				in.WriteByte('+')
			} else {
				in.WriteByte('.')
			}
		}
		fmt.Printf("%q\t%s\n", text, in.String())
	}
}
