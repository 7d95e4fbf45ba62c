namespace EndToEndTests.Fixture;

/// <summary>What a test does most: lines of kubectl in its namespace, looking at pods and Services, calling from nodes and pods.</summary>
internal sealed class NamespacedTest(TestCluster cluster, Kubectl kubectl, string ns)
{
    public const string WelcomeTitle = "<title>Welcome to nginx!</title>", WelcomeHeading = "<h1>Welcome to nginx!</h1>";

    private const string ReadyPods = """{{range .items}}{{if not .metadata.deletionTimestamp}}{{$p := .}}{{range .status.conditions}}{{if and (eq .type "Ready") (eq .status "True")}}{{$p.metadata.name}} {{$p.status.podIP}} {{$p.spec.nodeName}} {{$p.metadata.uid}}{{"\n"}}{{end}}{{end}}{{end}}{{end}}""";

    public Kubectl Kubectl => kubectl;

    public string Namespace => ns;

    public async Task Create()
    {
        await kubectl.Run($"kubectl create namespace {ns}");
        await kubectl.Run($"kubectl config set-context --current --namespace={ns}");
    }

    public async Task Remove()
    {
        await kubectl.Run("kubectl delete deployments,rc,rs,svc,pods --all --now");
        await kubectl.Run($"kubectl delete namespace {ns}");
    }

    /// <summary>Takes away what the guide makes, and leaves what every namespace has.</summary>
    public async Task Clear()
    {
        await kubectl.Run("kubectl delete deployments,rc,rs,pods --all --now");
        await kubectl.Run("kubectl delete svc,secret,configmap my-nginx nginxsvc nginxsecret nginxconfigmap --ignore-not-found");
        await Eventually.Get("no pod is left", () => kubectl.Run("kubectl get pods -o name"), names => !names.Contains("pod/", StringComparison.Ordinal));
    }

    /// <summary>Runs a line as the guide prints it, e.g. "kubectl get pods -l app=nginx -o json | grep podIP".</summary>
    public Task<string> Run(string line) => kubectl.Run(line);

    /// <summary>As <see cref="Run"/>, with a manifest on standard input.</summary>
    public Task<string> Pipe(string manifest, string line) => kubectl.Run(line, manifest);

    /// <summary>Waits until that many pods are Ready and not on their way out; by name.</summary>
    public Task<IReadOnlyList<TestPod>> PodsReady(string selector, int count) =>
        Eventually.Get($"{count} pods {selector} Ready", () => Pods(selector), pods => pods.Count == count);

    private async Task<IReadOnlyList<TestPod>> Pods(string selector)
    {
        var lines = await kubectl.Run($"kubectl get pods -l {selector} -o go-template='{ReadyPods}'");
        return [.. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' '))
            .Select(word => new TestPod(ns, word[0], word[1], word[2], word[3])).OrderBy(pod => pod.Name, StringComparer.Ordinal)];
    }

    public Task<string> Field(string of, string path) => kubectl.Run($"kubectl get {of} -o jsonpath='{{{path}}}'");

    /// <param name="ready">True, False or Unknown.</param>
    public Task NodeIs(string node, string ready) => Eventually.Get($"{node} has Ready {ready}", () => Field($"node {node}", """.status.conditions[?(@.type=="Ready")].status"""), status => status == ready);

    /// <summary>Waits until the Endpoints object and the EndpointSlices hold these addresses and no other.</summary>
    public async Task EndpointsAre(string service, IEnumerable<string> addresses)
    {
        var wanted = Sorted(string.Join(' ', addresses));
        await Eventually.Get($"endpoints of {service} are {wanted}", async () => Sorted(await Field($"endpoints {service}", ".subsets[*].addresses[*].ip")), got => got == wanted);
        await Eventually.Get($"endpointslices of {service} have {wanted}", async () => Sorted(await kubectl.Run(
            $"kubectl get endpointslices -l kubernetes.io/service-name={service} -o jsonpath='{{.items[*].endpoints[?(@.conditions.ready==true)].addresses[0]}}'")), got => got == wanted);
    }

    private static string Sorted(string words) => string.Join(' ', words.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));

    /// <summary>Calls from a pod: runs curl in one, waits for its end and returns its output and address.</summary>
    public async Task<(string Output, string Address)> CurlFromPod(params string[] urls)
    {
        await kubectl.Run($"kubectl run client --image=radial/busyboxplus:curl --restart=Never -- curl -sSf --max-time 10 {string.Join(' ', urls)}");
        await Eventually.Get("the client pod ended", () => Field("pod client", ".status.phase"), phase => phase is "Succeeded" or "Failed");
        var address = await Field("pod client", ".status.podIP");
        var client = new TestPod(ns, "client", address, await Field("pod client", ".spec.nodeName"), await Field("pod client", ".metadata.uid"));
        var log = await cluster.ContainerLog(client, "client");
        Assert.True(await Field("pod client", ".status.phase") == "Succeeded", $"curl in a pod failed: {log}");
        await kubectl.Run("kubectl delete pod client --now");
        return (log, address);
    }

    /// <summary>Each node with its Ready condition, and since when that is so.</summary>
    public Task<string> NodesReadySince() => kubectl.Run("""kubectl get nodes -o jsonpath='{range .items[*]}{.metadata.name} {.status.conditions[?(@.type=="Ready")].status} {.status.conditions[?(@.type=="Ready")].lastTransitionTime}{"\n"}{end}'""");

    /// <summary>Waits until this call answers with nginx's page from there.</summary>
    public Task Answers(string machine, string url) =>
        Eventually.Get($"{url} answers on {machine}", () => cluster.Ssh(machine, "curl", "-sS", "--max-time", "5", url), page => page.Contains(WelcomeTitle, StringComparison.Ordinal));
}

/// <summary>A Ready pod.</summary>
internal sealed record TestPod(string Namespace, string Name, string Address, string Node, string Uid);
