using EndToEndTests.Fixture;

namespace EndToEndTests.Streams;

/// <summary><c>kubectl exec</c> and <c>cp</c>: by SPDY and by WebSocket, with pipes and with a terminal.</summary>
public sealed class ExecTests(TestCluster cluster) : EndToEndTest(cluster)
{
    /// <summary>1.20.2 knows SPDY only; a newer one uses WebSocket, unless it is told not to.</summary>
    public static TheoryData<string, string> Protocols => new() { { "1.20.2", "" }, { "installed", "" }, { "installed", "KUBECTL_REMOTE_COMMAND_WEBSOCKETS=false" } };

    private const string Pod = """
        apiVersion: v1
        kind: Pod
        metadata: {name: box, labels: {app: box}}
        spec:
          containers:
          - {name: main, image: busybox, command: [sleep, "100000"], workingDir: /tmp, env: [{name: SAY, value: hello}]}
          - {name: other, image: busybox, command: [sh, -c, "while true; do sleep 1; done"]}
        """;

    [Theory, MemberData(nameof(Protocols))]
    public Task Output_errors_exit_codes_and_input_come_through(string kubectl, string variable) => InPod(kubectl, async here =>
    {
        string Exec(string rest) => $"{variable} kubectl exec {rest}";
        var result = await here.Kubectl.TryRun(Exec("box -c main -- sh -c 'echo out; echo err >&2; exit 3'"));
        Assert.Equal((3, "out\n"), (result.ExitCode, result.Output));
        Assert.Equal("err\ncommand terminated with exit code 3\n", result.Error);
        Assert.Equal("through\n", await here.Run($"echo through | {Exec("-i box -c main -- cat")}"));
        Assert.Equal("hello /tmp\n", await here.Run(Exec("box -c main -- sh -c 'echo $SAY $PWD'")));
        Assert.Equal("ended", (await here.Kubectl.TryRun(Exec("-i box -c main -- printf ended") + " < /dev/zero")).Output); // while input is still coming
        var missing = await here.Kubectl.TryRun(Exec("box -c main -- no-such-program"));
        Assert.Contains("exec: \"no-such-program\": executable file not found in $PATH", missing.Error);
        Assert.NotEqual(0, missing.ExitCode);
        Assert.Contains("137", (await here.Kubectl.TryRun(Exec("box -c main -- sh -c 'kill -9 $$'"))).Error);
    });

    [Theory, MemberData(nameof(Protocols))]
    public Task A_terminal_has_the_clients_size_and_follows_it(string kubectl, string variable) => InPod(kubectl, async here =>
    {
        // script(1) gives kubectl a terminal; the command in the container waits for another size.
        const string inside = "stty size; until [ \"$(stty size)\" = \"50 150\" ]; do sleep 0.1; done; echo then $(stty size); exit 4";
        var result = await here.Kubectl.TryRun($"{variable} timeout 60 script -qec \"stty rows 33 cols 121; (sleep 3; stty rows 50 cols 150 </dev/tty) & kubectl exec -it box -c main -- sh -c '{inside.Replace("\"", "\\\"").Replace("$", "\\$")}'\" /dev/null");
        Assert.Contains("33 121", result.Output);
        Assert.Contains("then 50 150", result.Output);
        Assert.Contains("command terminated with exit code 4", result.Output);
    });

    [Theory, MemberData(nameof(BothKubectls))]
    public Task The_container_is_found_or_its_absence_told(string kubectl) => InPod(kubectl, async here =>
    {
        Assert.Equal("", await here.Run("kubectl exec box -c other -- true"));
        Assert.Contains("container nope is not valid for pod box", (await here.Kubectl.TryRun("kubectl exec box -c nope -- true")).Error);
        Assert.Contains("Error from server (NotFound): pods \"nobody\" not found", (await here.Kubectl.TryRun("kubectl exec nobody -- true")).Error);
        await here.Pipe("apiVersion: v1\nkind: Pod\nmetadata: {name: unplaced}\nspec: {nodeSelector: {no: such}, containers: [{name: c, image: busybox}]}", "kubectl apply -f -");
        Assert.Contains("pod unplaced does not have a host assigned", (await here.Kubectl.TryRun("kubectl exec unplaced -- true")).Error);
        Assert.Contains("you must specify at least one command", (await here.Kubectl.TryRun("kubectl exec box -c main --")).Error);
    });

    [Fact]
    public Task A_deployment_stands_for_one_of_its_pods() => InNamespace(async here =>
    {
        await here.Run("kubectl create deployment web --image=nginx");
        await here.PodsReady("app=web", 1);
        Assert.StartsWith("web-", await here.Run("kubectl exec deploy/web -- hostname"));
    });

    [Theory, MemberData(nameof(Protocols))]
    public Task A_hundred_megabytes_are_copied_both_ways_unchanged(string kubectl, string variable) => InPod(kubectl, async here =>
    {
        var directory = Directory.CreateTempSubdirectory("streams-").FullName;
        try
        {
            await here.Run($"mkdir {directory}/tree && cd {directory}/tree && head -c 100000000 /dev/urandom > big && for i in $(seq 500); do mkdir -p d$((i % 20)); echo $i > d$((i % 20))/f$i; done");
            await here.Run($"cd {directory} && {variable} kubectl cp tree box:/tmp/tree -c main");
            await here.Run($"cd {directory} && {variable} kubectl cp box:/tmp/tree back -c main");
            Assert.Equal("", await here.Run($"diff -r {directory}/tree {directory}/back"));
        }
        finally { Directory.Delete(directory, recursive: true); }
    });

    [Fact]
    public Task Fifty_at_once_each_get_their_own_bytes() => InPod("installed", async here =>
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => here.Run($"echo input {i} | kubectl exec -i box -c main -- sh -c 'cat; echo {i}'")));
        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"input {i}\n{i}\n"), answers);
    });

    [Theory, MemberData(nameof(Protocols))]
    public Task A_client_that_is_killed_takes_its_command_along(string kubectl, string variable) => InPod(kubectl, async here =>
    {
        await here.Run($"({variable} timeout -s KILL 5 kubectl exec box -c main -- sleep 4321; true)");
        await Eventually.Get("the command is gone", () => here.Run("kubectl exec box -c main -- ps"), text => !text.Contains("sleep 4321"));
    });

    private Task InPod(string kubectl, Func<NamespacedTest, Task> test) => InNamespace(async here =>
    {
        await here.Pipe(Pod, "kubectl apply -f -");
        await here.PodsReady("app=box", 1);
        await test(here);
    }, kubectl);
}
