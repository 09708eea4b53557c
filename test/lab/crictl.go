// Stand-in for cri-tools' crictl, which Debian does not have: the calls that kubeadm and administrators use most,
// over the real CRI of the container runtime. Built inside the source tree of Kubernetes, with its vendored modules.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/golang/protobuf/jsonpb"
	"github.com/golang/protobuf/proto"
	"github.com/spf13/pflag"
	"google.golang.org/grpc"
	cri "k8s.io/cri-api/pkg/apis/runtime/v1alpha2"
	"k8s.io/kubernetes/pkg/kubelet/util"
)

const help = `crictl of khactl's lab: a stand-in for cri-tools' crictl, over CRI v1alpha2
usage: crictl [-r ENDPOINT] [-t SECONDS] info|version|images|pull IMAGE|inspecti IMAGE|rmi IMAGE|
         pods|inspectp POD|stopp POD…|rmp POD…|ps|inspect CONTAINER|stop CONTAINER…|rm CONTAINER…|
         logs CONTAINER|exec CONTAINER CMD…
`

var (
	flags                               = pflag.NewFlagSet("crictl", pflag.ContinueOnError)
	endpoint                            = flags.StringP("runtime-endpoint", "r", "", "")
	_                                   = flags.StringP("image-endpoint", "i", "", "")
	seconds                             = flags.IntP("timeout", "t", 120, "")
	_                                   = flags.StringP("config", "c", "/etc/crictl.yaml", "")
	_                                   = flags.BoolP("debug", "D", false, "")
	quiet                               = flags.BoolP("quiet", "q", false, "")
	all                                 = flags.BoolP("all", "a", false, "")
	force                               = flags.BoolP("force", "f", false, "")
	output                              = flags.StringP("output", "o", "", "")
	byName, byState, byPod, byNamespace = flags.String("name", "", ""), flags.StringP("state", "s", "", ""), flags.StringP("pod", "p", "", ""), flags.String("namespace", "", "")
	byLabel                             = flags.StringToString("label", nil, "")
	tail                                = flags.Int("tail", -1, "")
	_                                   = flags.Bool("no-trunc", false, "")
)

func die(err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "FATA[0000] %v\n", err)
		os.Exit(1)
	}
}

func show(m proto.Message) string {
	text, err := (&jsonpb.Marshaler{EmitDefaults: true, Indent: "  "}).MarshalToString(m)
	die(err)
	return text
}

// A status has its verbose part beside it, as text that is mostly JSON.
func showStatus(status proto.Message, info map[string]string) {
	parts := map[string]json.RawMessage{}
	for key, value := range info {
		raw := json.RawMessage(value)
		if !json.Valid(raw) {
			raw, _ = json.Marshal(value)
		}
		parts[key] = raw
	}
	text, err := json.MarshalIndent(map[string]interface{}{"status": json.RawMessage(show(status)), "info": parts}, "", "  ")
	die(err)
	fmt.Println(string(text))
}

func endpointOf() string {
	if *endpoint != "" {
		return *endpoint
	}
	if it := os.Getenv("CONTAINER_RUNTIME_ENDPOINT"); it != "" {
		return it
	}
	if file, err := os.Open("/etc/crictl.yaml"); err == nil {
		for lines := bufio.NewScanner(file); lines.Scan(); {
			if rest := strings.TrimPrefix(lines.Text(), "runtime-endpoint:"); rest != lines.Text() {
				return strings.Trim(rest, " \"'")
			}
		}
	}
	return "unix:///run/containerd/containerd.sock"
}

func short(id string) string {
	if len(id) > 13 {
		return id[:13]
	}
	return id
}

func table(header string, rows [][]string) {
	w := tabwriter.NewWriter(os.Stdout, 4, 4, 4, ' ', 0)
	fmt.Fprintln(w, header)
	for _, row := range rows {
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	w.Flush()
}

// What follows `exec CONTAINER` is the container's business, options too.
func cutAtCommand(args []string) (own, rest []string) {
	for i, it := range args {
		if it != "exec" {
			continue
		}
		for j := i + 1; j < len(args); j++ {
			if !strings.HasPrefix(args[j], "-") {
				return args[:j+1], args[j+1:]
			}
		}
	}
	return args, nil
}

func main() {
	flags.Usage = func() { fmt.Fprint(os.Stderr, help) }
	args, rest := cutAtCommand(os.Args[1:])
	if err := flags.Parse(args); err != nil {
		if err == pflag.ErrHelp {
			os.Exit(0)
		}
		die(err)
	}
	words := append(flags.Args(), rest...)
	if len(words) == 0 {
		fmt.Fprint(os.Stderr, help)
		os.Exit(1)
	}
	if words[0] == "--version" {
		fmt.Println("crictl version v1.13.0 (khactl lab)")
		return
	}
	address, dial, err := util.GetAddressAndDialer(endpointOf())
	die(err)
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(*seconds)*time.Second)
	defer cancel()
	connecting, stop := context.WithTimeout(ctx, 5*time.Second)
	defer stop()
	conn, err := grpc.DialContext(connecting, address, grpc.WithInsecure(), grpc.WithBlock(), grpc.WithContextDialer(dial),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(16<<20)))
	if err != nil {
		die(fmt.Errorf("connect: connect endpoint '%s', make sure you are running as root and the endpoint has been started: %v", endpointOf(), err))
	}
	call(ctx, words[0], words[1:], cri.NewRuntimeServiceClient(conn), cri.NewImageServiceClient(conn))
}

func call(ctx context.Context, verb string, names []string, pods cri.RuntimeServiceClient, images cri.ImageServiceClient) {
	name := ""
	if len(names) > 0 {
		name = names[0]
	}
	switch verb {
	case "info":
		it, err := pods.Status(ctx, &cri.StatusRequest{Verbose: !*quiet})
		die(err)
		showStatus(it.Status, it.Info)
	case "version":
		it, err := pods.Version(ctx, &cri.VersionRequest{})
		die(err)
		fmt.Printf("Version:  %s\nRuntimeName:  %s\nRuntimeVersion:  %s\nRuntimeApiVersion:  %s\n", it.Version, it.RuntimeName, it.RuntimeVersion, it.RuntimeApiVersion)
	case "pull":
		it, err := images.PullImage(ctx, &cri.PullImageRequest{Image: &cri.ImageSpec{Image: name}})
		die(err)
		fmt.Printf("Image is up to date for %s\n", it.ImageRef)
	case "inspecti":
		it, err := images.ImageStatus(ctx, &cri.ImageStatusRequest{Image: &cri.ImageSpec{Image: name}, Verbose: !*quiet})
		die(err)
		if it.Image == nil {
			die(fmt.Errorf("no such image \"%s\" present", name))
		}
		showStatus(it.Image, it.Info)
	case "images", "image", "img":
		listImages(ctx, name, images)
	case "rmi":
		for _, it := range names {
			_, err := images.RemoveImage(ctx, &cri.RemoveImageRequest{Image: &cri.ImageSpec{Image: it}})
			die(err)
		}
	case "pods":
		listPods(ctx, pods)
	case "inspectp":
		it, err := pods.PodSandboxStatus(ctx, &cri.PodSandboxStatusRequest{PodSandboxId: podOf(ctx, pods, name), Verbose: true})
		die(err)
		showStatus(it.Status, it.Info)
	case "stopp":
		for _, it := range names {
			_, err := pods.StopPodSandbox(ctx, &cri.StopPodSandboxRequest{PodSandboxId: podOf(ctx, pods, it)})
			die(err)
			fmt.Printf("Stopped sandbox %s\n", it)
		}
	case "rmp":
		for _, it := range names {
			id := podOf(ctx, pods, it)
			if *force {
				_, err := pods.StopPodSandbox(ctx, &cri.StopPodSandboxRequest{PodSandboxId: id})
				die(err)
			}
			_, err := pods.RemovePodSandbox(ctx, &cri.RemovePodSandboxRequest{PodSandboxId: id})
			die(err)
			fmt.Printf("Removed sandbox %s\n", it)
		}
	case "ps":
		listContainers(ctx, pods)
	case "inspect", "logs", "exec", "stop", "rm":
		container(ctx, verb, names, pods)
	default:
		die(fmt.Errorf("the lab's crictl does not know \"%s\"\n%s", verb, help))
	}
}

func container(ctx context.Context, verb string, names []string, pods cri.RuntimeServiceClient) {
	if len(names) == 0 {
		die(fmt.Errorf("ID cannot be empty"))
	}
	id := containerOf(ctx, pods, names[0])
	switch verb {
	case "inspect":
		it, err := pods.ContainerStatus(ctx, &cri.ContainerStatusRequest{ContainerId: id, Verbose: true})
		die(err)
		showStatus(it.Status, it.Info)
	case "logs":
		it, err := pods.ContainerStatus(ctx, &cri.ContainerStatusRequest{ContainerId: id})
		die(err)
		data, err := os.ReadFile(it.Status.LogPath)
		die(err)
		lines := strings.Split(strings.TrimRight(string(data), "\n"), "\n")
		if *tail >= 0 && len(lines) > *tail {
			lines = lines[len(lines)-*tail:]
		}
		for _, line := range lines {
			// time, stream, tag, text
			if fields := strings.SplitN(line, " ", 4); len(fields) == 4 {
				fmt.Println(fields[3])
			}
		}
	case "exec":
		it, err := pods.ExecSync(ctx, &cri.ExecSyncRequest{ContainerId: id, Cmd: names[1:], Timeout: int64(*seconds)})
		die(err)
		os.Stdout.Write(it.Stdout)
		os.Stderr.Write(it.Stderr)
		os.Exit(int(it.ExitCode))
	case "stop", "rm":
		for _, it := range names {
			full := containerOf(ctx, pods, it)
			if verb == "stop" || *force {
				_, err := pods.StopContainer(ctx, &cri.StopContainerRequest{ContainerId: full})
				die(err)
			}
			if verb == "rm" {
				_, err := pods.RemoveContainer(ctx, &cri.RemoveContainerRequest{ContainerId: full})
				die(err)
			}
			fmt.Println(it)
		}
	}
}

func listImages(ctx context.Context, name string, images cri.ImageServiceClient) {
	it, err := images.ListImages(ctx, &cri.ListImagesRequest{Filter: &cri.ImageFilter{Image: &cri.ImageSpec{Image: name}}})
	die(err)
	rows := [][]string{}
	for _, image := range it.Images {
		if *quiet {
			fmt.Println(image.Id)
		}
		for _, tag := range image.RepoTags {
			cut := strings.LastIndex(tag, ":")
			rows = append(rows, []string{tag[:cut], tag[cut+1:], short(strings.TrimPrefix(image.Id, "sha256:")), fmt.Sprintf("%.3gMB", float64(image.Size_)/1e6)})
		}
	}
	if *output == "json" {
		fmt.Println(show(it))
	} else if !*quiet {
		table("IMAGE\tTAG\tIMAGE ID\tSIZE", rows)
	}
}

func listPods(ctx context.Context, pods cri.RuntimeServiceClient) {
	it, err := pods.ListPodSandbox(ctx, &cri.ListPodSandboxRequest{Filter: &cri.PodSandboxFilter{LabelSelector: *byLabel}})
	die(err)
	kept := &cri.ListPodSandboxResponse{}
	rows := [][]string{}
	for _, pod := range it.Items {
		state := map[bool]string{true: "Ready", false: "NotReady"}[pod.State == cri.PodSandboxState_SANDBOX_READY]
		if !strings.Contains(pod.Metadata.Name, *byName) || (*byNamespace != "" && pod.Metadata.Namespace != *byNamespace) ||
			(*byState != "" && !strings.EqualFold(state, *byState)) {
			continue
		}
		kept.Items = append(kept.Items, pod)
		rows = append(rows, []string{short(pod.Id), since(pod.CreatedAt), state, pod.Metadata.Name, pod.Metadata.Namespace, fmt.Sprint(pod.Metadata.Attempt)})
		if *quiet {
			fmt.Println(pod.Id)
		}
	}
	if *output == "json" {
		fmt.Println(show(kept))
	} else if !*quiet {
		table("POD ID\tCREATED\tSTATE\tNAME\tNAMESPACE\tATTEMPT", rows)
	}
}

func listContainers(ctx context.Context, pods cri.RuntimeServiceClient) {
	it, err := pods.ListContainers(ctx, &cri.ListContainersRequest{Filter: &cri.ContainerFilter{PodSandboxId: *byPod, LabelSelector: *byLabel}})
	die(err)
	kept := &cri.ListContainersResponse{}
	rows := [][]string{}
	for _, c := range it.Containers {
		state := strings.Title(strings.ToLower(strings.TrimPrefix(c.State.String(), "CONTAINER_")))
		if !strings.Contains(c.Metadata.Name, *byName) || (!*all && *byState == "" && state != "Running") || (*byState != "" && !strings.EqualFold(state, *byState)) {
			continue
		}
		kept.Containers = append(kept.Containers, c)
		rows = append(rows, []string{short(c.Id), short(strings.TrimPrefix(c.Image.Image, "sha256:")), since(c.CreatedAt), state, c.Metadata.Name, fmt.Sprint(c.Metadata.Attempt), short(c.PodSandboxId)})
		if *quiet {
			fmt.Println(c.Id)
		}
	}
	if *output == "json" {
		fmt.Println(show(kept))
	} else if !*quiet {
		table("CONTAINER\tIMAGE\tCREATED\tSTATE\tNAME\tATTEMPT\tPOD ID", rows)
	}
}

func since(nanoseconds int64) string {
	return time.Since(time.Unix(0, nanoseconds)).Round(time.Second).String() + " ago"
}

// The runtime wants whole ids of pods and containers; people give the first characters.
func podOf(ctx context.Context, pods cri.RuntimeServiceClient, prefix string) string {
	it, err := pods.ListPodSandbox(ctx, &cri.ListPodSandboxRequest{})
	die(err)
	for _, pod := range it.Items {
		if prefix != "" && strings.HasPrefix(pod.Id, prefix) {
			return pod.Id
		}
	}
	return prefix
}

func containerOf(ctx context.Context, pods cri.RuntimeServiceClient, prefix string) string {
	it, err := pods.ListContainers(ctx, &cri.ListContainersRequest{})
	die(err)
	for _, c := range it.Containers {
		if prefix != "" && strings.HasPrefix(c.Id, prefix) {
			return c.Id
		}
	}
	return prefix
}
