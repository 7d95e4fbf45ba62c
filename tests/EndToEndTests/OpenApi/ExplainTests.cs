using System.Text.Json.Nodes;
using EndToEndTests.Fixture;

namespace EndToEndTests.OpenApi;

/// <summary><c>kubectl explain</c> as people use it: kubectl 1.20 reads version 2 as protobuf, newer ones version 3.</summary>
public sealed class ExplainTests(SingleControlPlane plane) : IClassFixture<SingleControlPlane>
{
    /// <summary>Every so many-th field is explained, from another start for each kubectl; a process each takes its time.</summary>
    private const int Step = 40;

    public static TheoryData<string, int> Kubectls => new() { { "1.20.2", 3 }, { "installed", 11 } };

    [Theory, MemberData(nameof(Kubectls))]
    public async Task It_shows_what_a_field_means(string name, int first)
    {
        using var kubectl = plane.User(name);
        var fields = await Fields(kubectl);
        Assert.True(fields.Count > 1000, $"only {fields.Count} fields");
        for (var i = first; i < fields.Count; i += Step)
        {
            var (kind, path, description) = fields[i];
            var shown = Words(await kubectl.Run($"kubectl explain {kind.Plural}{path} --api-version={kind.ApiVersion}"));
            Assert.Contains(Words(description), shown, StringComparison.Ordinal);
            Assert.DoesNotContain("<empty>", shown, StringComparison.Ordinal);
            Assert.DoesNotContain("<no description>", shown, StringComparison.Ordinal);
            Assert.DoesNotContain("MISSING", shown, StringComparison.Ordinal); // kubectl 1.20's word for a % in a text
        }
    }

    [Theory, MemberData(nameof(Kubectls))]
    public async Task It_shows_the_whole_tree_of_a_kind(string name, int first)
    {
        using var kubectl = plane.User(name);
        var kinds = (await Kinds(kubectl)).Values.ToList();
        for (var i = first % 3; i < kinds.Count; i += 3)
        {
            var tree = await kubectl.Run($"kubectl explain {kinds[i].Plural} --recursive --api-version={kinds[i].ApiVersion}");
            Assert.Contains("resourceVersion\t<string>", tree, StringComparison.Ordinal);
        }
        var pod = await kubectl.Run("kubectl explain pod --recursive");
        Assert.Contains("containerPort\t<integer>", pod, StringComparison.Ordinal);
        Assert.Contains("nodeSelectorTerms\t<[]", pod, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Kubectls))]
    public async Task It_says_so_if_there_is_no_such_field(string name, int _)
    {
        using var kubectl = plane.User(name);
        var refused = await kubectl.TryRun("kubectl explain pod.spec.contaners");
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("field \"contaners\" does not exist", refused.Error, StringComparison.Ordinal);
    }

    private sealed record Kind(string Plural, string ApiVersion);

    /// <summary>Every field of every type once, by the first path that leads to it from a kind.</summary>
    private static async Task<List<(Kind Kind, string Path, string Description)>> Fields(Kubectl kubectl)
    {
        var definitions = JsonNode.Parse(await kubectl.Run("kubectl get --raw /openapi/v2"))!["definitions"]!.AsObject();
        var found = new List<(Kind, string, string)>();
        var seen = new HashSet<string>();
        foreach (var (name, kind) in await Kinds(kubectl)) Walk(name, kind, "");
        return found;

        void Walk(string type, Kind kind, string path)
        {
            foreach (var (field, schema) in definitions[type]?["properties"]?.AsObject() ?? [])
            {
                if (!seen.Add($"{type}.{field}")) continue;
                found.Add((kind, $"{path}.{field}", (string)schema!["description"]!));
                if (Referred(schema) is { } next) Walk(next, kind, $"{path}.{field}");
            }
        }
    }

    private static string? Referred(JsonNode schema) =>
        schema["$ref"] is { } reference ? ((string)reference!)["#/definitions/".Length..] : schema["items"] is { } items ? Referred(items) : null;

    /// <summary>The kinds that discovery lists, by the names of their types.</summary>
    private static async Task<Dictionary<string, Kind>> Kinds(Kubectl kubectl)
    {
        var definitions = JsonNode.Parse(await kubectl.Run("kubectl get --raw /openapi/v2"))!["definitions"]!.AsObject();
        var types = definitions.SelectMany(entry => (entry.Value!["x-kubernetes-group-version-kind"]?.AsArray() ?? []).Select(place => (Place(place!), entry.Key)))
            .ToLookup(entry => entry.Item1, entry => entry.Key);
        var kinds = new Dictionary<string, Kind>();
        foreach (var line in (await kubectl.Run("kubectl api-resources --no-headers -o name --verbs=list")).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var plural = line.Split('.', 2)[0];
            var group = line.Contains('.') ? line.Split('.', 2)[1] : "";
            // kubectl 1.20 finds a kind by its plural alone, and would look for a Node and a Pod in this group.
            if (group == "metrics.k8s.io") continue;
            var list = JsonNode.Parse(await kubectl.Run($"kubectl get --raw {(group.Length == 0 ? "/api/v1" : $"/apis/{group}/v1")}"))!;
            var kind = (string)list["resources"]!.AsArray().Single(resource => (string?)resource!["name"] == plural)!["kind"]!;
            kinds[types[$"{group}/v1/{kind}"].Single()] = new Kind(plural, group.Length == 0 ? "v1" : $"{group}/v1");
        }
        return kinds;
    }

    private static string Place(JsonNode place) => $"{place["group"]}/{place["version"]}/{place["kind"]}";

    private static string Words(string text) => string.Join(' ', text.Replace("-\n", "-").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
