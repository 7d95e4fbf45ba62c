using System.Text;
using System.Text.Json.Nodes;
using ControlPlane.Registry;
using KubeApi;
using UnitTests.Wire;
using Xunit;
using Xunit.Abstractions;

namespace UnitTests.ApiServer;

/// <summary>Thousands of bodies that are wrong in some way: each is refused in words, and changes nothing.</summary>
public sealed class MutatedBodyTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Wanted = 2_500, MostSent = 20_000, Batch = 25;
    private const string Ns = "fuzz", Json = "application/json", Yaml = "application/yaml", Protobuf = "application/vnd.kubernetes.protobuf", JsonPatch = "application/json-patch+json";

    private static readonly string[] Patches = ["application/merge-patch+json", "application/strategic-merge-patch+json", JsonPatch, "application/apply-patch+yaml"];

    private readonly TestServer server = new();
    private readonly int seed = System.Random.Shared.Next();
    private readonly Dictionary<string, JsonObject> samples = [];

    public Task InitializeAsync() => server.InitializeAsync();

    public Task DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task No_broken_body_does_more_than_be_refused()
    {
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await Prepare();
        var (refused, sent) = (0, 0);
        while (refused < Wanted && sent < MostSent)
        {
            var before = await Revision();
            var accepted = 0;
            for (var i = 0; i < Batch; i++, sent++)
            {
                var changed = await Send(random, sent);
                if (changed == 0) refused++;
                accepted += changed;
            }
            var changes = await Revision() - before;
            Assert.True(changes <= accepted, $"seed {seed}: {changes} changes by {accepted} accepted requests, up to {sent}");
        }
        output.WriteLine($"{sent} sent, {refused} refused");
        Assert.True(refused >= Wanted);
    }

    /// <summary>One sound object of every kind, as material.</summary>
    private async Task Prepare()
    {
        await server.Expect(201, HttpMethod.Post, "/api/v1/namespaces", """{"metadata":{"name":"fuzz"}}""");
        foreach (var kind in Kinds.Stored)
        {
            var body = SampleObjects.Of(kind.Resource, "sample");
            using var response = await server.Send(HttpMethod.Post, kind.Resource.Path(Ns), body.ToJsonString());
            var text = await response.Content.ReadAsStringAsync();
            Assert.True((int)response.StatusCode == 201, $"{kind.Resource.Plural}: {text}");
            samples[kind.Resource.QualifiedName] = body;
        }
    }

    private async Task<long> Revision() => long.Parse((string)(await server.Expect(200, HttpMethod.Get, "/api/v1/namespaces?limit=1"))["metadata"]!["resourceVersion"]!);

    /// <returns>How many objects it may have changed; none if it was refused.</returns>
    private async Task<int> Send(Random random, int number)
    {
        var kind = Kinds.Stored[random.Next(Kinds.Stored.Count)].Resource;
        var (method, path, type, body) = Request(random, kind, number);
        using var response = await server.SendBytes(method, path, body, type);
        var text = await response.Content.ReadAsStringAsync();
        var context = $"seed {seed}, request {number}: {method} {path} ({type}): {(int)response.StatusCode} {text}\n{Encoding.UTF8.GetString(body)}";
        Assert.True((int)response.StatusCode < 500, context);
        if (response.IsSuccessStatusCode) return kind.Plural == "namespaces" ? 2 : 1; // a namespace comes with its service account
        var status = JsonNode.Parse(text)!;
        Assert.True((string?)status["kind"] == "Status" && (int?)status["code"] == (int)response.StatusCode && !string.IsNullOrEmpty((string?)status["message"]), context);
        foreach (var leak in new[] { "System.", "KubeApi.", "ControlPlane.", "Microsoft.", "   at " }) Assert.False(((string)status["message"]!).Contains(leak, StringComparison.Ordinal), context);
        return 0;
    }

    private (HttpMethod Method, string Path, string Type, byte[] Body) Request(Random random, Resource kind, int number)
    {
        var mutation = new Mutation(random);
        var obj = random.Next(3) == 0 ? new RandomObject(random).Of(kind.Type) : samples[kind.QualifiedName].DeepClone().AsObject();
        var named = random.Next(3) > 0;
        if (random.Next(4) > 0 && obj["metadata"] is JsonObject metadata) (metadata["name"], metadata["namespace"]) = (named ? "sample" : $"new-{number}", kind.Namespaced ? Ns : null);
        var tree = mutation.Tree(obj);
        var patch = named && random.Next(2) == 0;
        var type = patch ? Patches[random.Next(Patches.Length)] : new[] { Json, Yaml, Protobuf }[random.Next(3)];
        var bytes = Encode(random, kind, obj, tree, type);
        if (random.Next(3) == 0) bytes = mutation.Bytes(bytes);
        var path = kind.Path(Ns, named ? "sample" : null, named && random.Next(5) == 0 ? random.GetItems(["status", "scale", "binding"], 1)[0] : null);
        if (type == Patches[3]) path += "?fieldManager=fuzz";
        var method = patch ? HttpMethod.Patch : !named ? HttpMethod.Post : random.Next(8) == 0 ? HttpMethod.Delete : HttpMethod.Put;
        if (method == HttpMethod.Delete) path += "?dryRun=All"; // a body of another kind is refused, and if it is not the sample stays
        return (method, path, type, bytes);
    }

    private static byte[] Encode(Random random, Resource kind, JsonObject sound, JsonNode tree, string type) => type switch
    {
        Protobuf => random.Next(2) == 0 ? new Mutation(random).Bytes(ProtobufEncoder.Body(sound, kind.Type, kind.ApiVersion, kind.Kind)) : ProtobufEncoder.Body(sound, kind.Type, kind.ApiVersion, "Other"),
        Yaml or "application/apply-patch+yaml" => Encoding.UTF8.GetBytes(YamlText.Of(tree)),
        JsonPatch => Encoding.UTF8.GetBytes(new JsonArray(Enumerable.Range(0, random.Next(1, 4)).Select(JsonNode? (_) => new JsonObject
        {
            ["op"] = random.GetItems(["add", "remove", "replace", "move", "copy", "test", "spoil"], 1)[0],
            ["path"] = Pointer(random, sound), ["from"] = Pointer(random, sound), ["value"] = new Mutation(random).Other(),
        }).ToArray()).ToJsonString()),
        _ => Encoding.UTF8.GetBytes(tree.ToJsonString()),
    };

    /// <summary>A way into the object, or a little beyond.</summary>
    private static string Pointer(Random random, JsonNode? node)
    {
        var path = "";
        while (random.Next(5) > 0 && node is JsonObject { Count: > 0 } or JsonArray { Count: > 0 })
        {
            if (node is JsonArray list)
            {
                var index = random.Next(list.Count);
                (path, node) = ($"{path}/{index}", list[index]);
            }
            else
            {
                var pair = node!.AsObject().ElementAt(random.Next(node.AsObject().Count));
                (path, node) = ($"{path}/{pair.Key.Replace("~", "~0").Replace("/", "~1")}", pair.Value);
            }
        }
        return random.Next(6) == 0 ? path + "/-" : path;
    }
}
