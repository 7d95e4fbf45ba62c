using System.Text.Json.Nodes;
using ControlPlane.Patches;
using KubeApi.Objects;
using KubeApi.Schema;
using UnitTests.Wire;
using Xunit;
using Xunit.Abstractions;

namespace UnitTests.Patches;

/// <summary>Random patches against straightforward references: the RFCs' own words, and a diff that a patch must undo.</summary>
public sealed class PatchPropertyTests(ITestOutputHelper output)
{
    private const int Rounds = 1_500;

    private readonly int seed = Random.Shared.Next();

    [Fact]
    public void A_merge_patch_does_what_RFC_7386_says() => Repeat(random =>
    {
        var (document, patch) = (Tree(random, 3), Tree(random, 3));
        Same(MergeReference(document.DeepClone(), patch), MergePatch.Apply(document, patch), $"{document.ToJsonString()} {patch.ToJsonString()}");
    });

    [Fact]
    public void A_JSON_patch_does_what_RFC_6902_says() => Repeat(random =>
    {
        var document = new JsonObject { ["a"] = Tree(random, 3), ["b"] = Tree(random, 2), ["c"] = new JsonArray(1, 2, 3) };
        var patch = new JsonArray(Enumerable.Range(0, random.Next(1, 5)).Select(JsonNode? (_) => Operation(random, document)).ToArray());
        string? expected;
        try { expected = patch.Aggregate((JsonNode?)document.DeepClone(), (doc, op) => JsonPatchReference.Step(doc, op!.AsObject())) is JsonObject result ? result.ToJsonString() : null; }
        catch (InvalidOperationException) { expected = null; }
        string? actual;
        try { actual = JsonPatch.Apply(document, patch).ToJsonString(); }
        catch (PatchException) { actual = null; }
        Assert.True(expected == actual, $"seed {seed}: {document.ToJsonString()}\n{patch.ToJsonString()}\nexpected {expected}\nactual   {actual}");
    });

    /// <summary>What kubectl apply does: the difference of two versions, applied to the first, makes the second.</summary>
    [Fact]
    public void A_strategic_patch_makes_the_version_that_it_was_computed_from() => Repeat(random =>
    {
        var (before, after) = (Pod(random), Pod(random));
        var patch = StrategicDiff.Between(before, after, new WireType(WireShape.Object, typeof(Pod)));
        Same(after, StrategicMergePatch.Apply(before, patch, typeof(Pod)), $"{before.ToJsonString()}\n{patch.ToJsonString()}");
        Same(after, StrategicMergePatch.Apply(after, patch, typeof(Pod)), $"again: {after.ToJsonString()}\n{patch.ToJsonString()}");
    });

    private void Repeat(Action<Random> round)
    {
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (var i = 0; i < Rounds; i++) round(random);
    }

    private void Same(JsonNode? expected, JsonNode? actual, string context) =>
        Assert.True(JsonNode.DeepEquals(expected, actual), $"seed {seed}: {context}\nexpected {expected?.ToJsonString()}\nactual   {actual?.ToJsonString()}");

    /// <summary>The pseudo-code of section 2.</summary>
    private static JsonNode? MergeReference(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonObject changes) return patch?.DeepClone();
        if (target is not JsonObject obj) obj = [];
        foreach (var (name, value) in changes)
        {
            obj.Remove(name, out var old);
            if (value is not null) obj[name] = MergeReference(old, value);
        }
        return obj;
    }

    private static JsonNode Tree(Random random, int depth) => depth == 0 || random.Next(4) == 0 ? random.Next(3) switch { 0 => random.Next(3), 1 => "t", _ => true }
        : random.Next(4) == 0 ? new JsonArray(Enumerable.Range(0, random.Next(3)).Select(JsonNode? (_) => Tree(random, depth - 1)).ToArray())
        : new JsonObject(Enumerable.Range(0, random.Next(4)).Select(i => KeyValuePair.Create($"{(char)('a' + i)}", random.Next(5) == 0 ? null : (JsonNode?)Tree(random, depth - 1))));

    private static JsonObject Operation(Random random, JsonNode document) => new()
    {
        ["op"] = random.GetItems(["add", "remove", "replace", "move", "copy", "test"], 1)[0], ["path"] = Pointer(random, document), ["from"] = Pointer(random, document), ["value"] = Tree(random, 1),
    };

    private static string Pointer(Random random, JsonNode? node)
    {
        var path = "";
        while (node is JsonObject or JsonArray && random.Next(4) > 0)
        {
            var step = node is JsonArray list ? random.Next(list.Count + 1) == list.Count ? "-" : $"{random.Next(list.Count + 1)}" : $"{(char)('a' + random.Next(4))}";
            node = node switch { JsonObject map => map[step], JsonArray items when int.TryParse(step, out var i) && i < items.Count => items[i], _ => null };
            path += "/" + step;
        }
        return path;
    }

    /// <summary>A pod of few names, so that two of them have entries in common.</summary>
    private static JsonObject Pod(Random random)
    {
        var pod = new JsonObject { ["metadata"] = new JsonObject { ["name"] = "p", ["labels"] = Map(random), ["finalizers"] = Strings(random) } };
        pod["spec"] = new JsonObject
        {
            ["containers"] = Keyed(random, "name", name => new JsonObject
            {
                ["name"] = name, ["image"] = $"i{random.Next(3)}", ["args"] = Strings(random),
                ["env"] = Keyed(random, "name", env => new JsonObject { ["name"] = env, ["value"] = $"v{random.Next(3)}" }),
                ["ports"] = Keyed(random, "containerPort", port => new JsonObject { ["containerPort"] = port[0], ["protocol"] = random.GetItems(["TCP", "UDP"], 1)[0] }),
            }),
            ["nodeSelector"] = Map(random),
        };
        return pod;
    }

    private static JsonObject Map(Random random) => new(Names(random).Select(name => KeyValuePair.Create(name, (JsonNode?)$"{random.Next(3)}")));

    private static JsonArray Strings(Random random) => new(Names(random).Select(JsonNode? (name) => name).ToArray());

    private static JsonArray Keyed(Random random, string key, Func<string, JsonObject> make) => new(Names(random).Select(JsonNode? (name) => make(name)).ToArray());

    /// <summary>At least one, in any order.</summary>
    private static string[] Names(Random random)
    {
        string[] names = ["a", "b", "c", "d"];
        random.Shuffle(names);
        return names[..random.Next(1, 5)];
    }
}
