using System.Text.Json.Nodes;
using EndToEndTests.Fixture;
using EndToEndTests.OpenApi;

namespace EndToEndTests.Apply;

/// <summary>kubectl apply --server-side and what belongs to it, with both kubectls.</summary>
public sealed class ServerSideApplyTests(SingleControlPlane plane) : IClassFixture<SingleControlPlane>
{
    private const string Map = """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: NAME, labels: {app: a}}
        data: {a: "1", b: "2"}
        """;

    [Theory, MemberData(nameof(EndToEndTest.BothKubectls), MemberType = typeof(EndToEndTest))]
    public async Task What_the_manifest_no_longer_has_goes_and_what_others_added_stays(string name)
    {
        using var kubectl = plane.User(name);
        var (map, manifest) = Named(name, "goes");
        await Succeeds(kubectl, "kubectl apply --server-side -f -", manifest);
        var revision = await Field(kubectl, map, "metadata.resourceVersion");
        await Succeeds(kubectl, "kubectl apply --server-side -f -", manifest);
        Assert.Equal(revision, await Field(kubectl, map, "metadata.resourceVersion"));
        await Succeeds(kubectl, $"kubectl label configmap {map} theirs=1");
        await Succeeds(kubectl, "kubectl apply --server-side -f -", manifest.Replace(", b: \"2\"", ", c: \"3\""));
        Assert.Equal("""{"a":"1","c":"3"}""", await Field(kubectl, map, "data"));
        Assert.Equal("""{"app":"a","theirs":"1"}""", await Field(kubectl, map, "metadata.labels"));
    }

    [Theory, MemberData(nameof(EndToEndTest.BothKubectls), MemberType = typeof(EndToEndTest))]
    public async Task A_conflict_names_manager_and_field_and_can_be_forced(string name)
    {
        using var kubectl = plane.User(name);
        var (map, manifest) = Named(name, "conflict");
        await Succeeds(kubectl, "kubectl apply --server-side --field-manager=one -f -", manifest);
        var other = manifest.Replace("b: \"2\"", "b: \"x\"");
        var refused = await kubectl.TryRun("kubectl apply --server-side --field-manager=two -f -", other);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("Apply failed with 1 conflict: conflict with \"one\": .data.b", refused.Error, StringComparison.Ordinal);
        Assert.Contains("--force-conflicts", refused.Error, StringComparison.Ordinal);
        await Succeeds(kubectl, "kubectl apply --server-side --field-manager=two --force-conflicts -f -", other);
        Assert.Equal("x", await Field(kubectl, map, "data.b"));
    }

    [Theory, MemberData(nameof(EndToEndTest.BothKubectls), MemberType = typeof(EndToEndTest))]
    public async Task One_can_change_from_client_side_apply_and_back(string name)
    {
        using var kubectl = plane.User(name);
        var (map, manifest) = Named(name, "change");
        await Succeeds(kubectl, "kubectl apply -f -", manifest);
        await Succeeds(kubectl, "kubectl apply --server-side -f -", manifest.Replace("a: \"1\"", "a: \"x\""));
        Assert.Equal("""{"a":"x","b":"2"}""", await Field(kubectl, map, "data"));
        Assert.Contains("a: x\n", await Succeeds(kubectl, $"kubectl apply view-last-applied configmap/{map}"), StringComparison.Ordinal);
        await Succeeds(kubectl, "kubectl apply -f -", manifest.Replace(", b: \"2\"", ""));
        Assert.Equal("""{"a":"1"}""", await Field(kubectl, map, "data"));
    }

    [Fact]
    public async Task A_server_side_diff_shows_what_would_change_and_writes_nothing()
    {
        using var kubectl = plane.User("installed");
        var (map, manifest) = Named("installed", "diff");
        await Succeeds(kubectl, "kubectl apply --server-side -f -", manifest);
        Assert.Equal(0, (await kubectl.TryRun("kubectl diff --server-side -f -", manifest)).ExitCode);
        var diff = await kubectl.TryRun("kubectl diff --server-side -f -", manifest.Replace(", b: \"2\"", ""));
        Assert.Equal(1, diff.ExitCode);
        Assert.Contains("-  b: \"2\"\n", diff.Output, StringComparison.Ordinal);
        Assert.Equal("2", await Field(kubectl, map, "data.b"));
    }

    [Fact]
    public async Task Managed_fields_are_shown_when_asked_for()
    {
        using var kubectl = plane.User("installed");
        var (map, manifest) = Named("installed", "shown");
        await Succeeds(kubectl, "kubectl create -f -", manifest);
        Assert.DoesNotContain("managedFields", await Succeeds(kubectl, $"kubectl get configmap {map} -o yaml"), StringComparison.Ordinal);
        var shown = await Succeeds(kubectl, $"kubectl get configmap {map} -o yaml --show-managed-fields");
        Assert.Contains("manager: kubectl-create\n", shown, StringComparison.Ordinal);
        Assert.Contains("f:data:\n        .: {}\n        f:a: {}\n", shown, StringComparison.Ordinal);
    }

    private static (string Map, string Manifest) Named(string kubectl, string purpose)
    {
        var map = $"{purpose}-{kubectl}";
        return (map, Map.Replace("NAME", map));
    }

    /// <summary>The part of the object at a path; a text as it is, all else as JSON.</summary>
    private static async Task<string> Field(Kubectl kubectl, string map, string path)
    {
        JsonNode? node = JsonNode.Parse(await kubectl.Run($"kubectl get configmap {map} -o json"));
        foreach (var step in path.Split('.')) node = node![step];
        return node is JsonValue ? node.ToString() : node!.ToJsonString();
    }

    private static async Task<string> Succeeds(Kubectl kubectl, string line, string? input = null)
    {
        var result = await kubectl.TryRun(line, input);
        Assert.True(result.ExitCode == 0, $"{line}: {result.Output}{result.Error}");
        return result.Output;
    }
}
