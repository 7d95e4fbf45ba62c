using System.Text.Json;
using System.Text.Json.Nodes;
using ControlPlane.Patches.ServerSideApply;
using KubeApi.Objects;
using Xunit;

namespace UnitTests.Patches;

/// <summary>Server-side apply and ownership as pure functions.</summary>
public sealed class OwnershipTests
{
    private static readonly MergeSchema Schema = MergeSchema.OfKind(typeof(Deployment));
    private static readonly DateTime Now = new(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly string[] People = ["anna", "bert", "carl"];

    [Fact]
    public void Random_updates_and_applies_agree_with_the_reference()
    {
        var refused = 0;
        for (var seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            var live = new JsonObject { ["kind"] = "Deployment", ["apiVersion"] = "apps/v1" };
            IReadOnlyList<ManagedFieldsEntry>? entries = null;
            var reference = new OwnershipReference();
            for (var step = 0; step < 8; step++)
            {
                var (who, next) = (People[random.Next(People.Length)], RandomDeployment.Make(random));
                if (random.Next(3) == 0)
                {
                    entries = entries is null ? FieldOwnership.OfCreated(Schema, Parse(next), Writer(who, false), Now)
                        : FieldOwnership.AfterUpdate(Schema, Parse(live), Parse(next), entries, Writer(who, false), Now);
                    live = next;
                    reference.Update(who, next);
                }
                else
                {
                    var force = random.Next(2) == 0;
                    var conflicts = reference.Apply(who, next, force);
                    try
                    {
                        var result = ServerSideApply.Apply(Schema, Parse(live), Parse(next), entries, Writer(who, true), force, Now);
                        Assert.True(conflicts.Count == 0, $"seed {seed}, step {step}: should conflict at {string.Join(' ', conflicts)}");
                        (live, entries) = (JsonObject.Create(result.Object)!, result.Entries);
                    }
                    catch (ApplyConflictException e)
                    {
                        refused++;
                        Assert.Equal(conflicts.Order(StringComparer.Ordinal), e.Conflicts.Select(conflict => string.Join('/', conflict.Elements)).Order(StringComparer.Ordinal));
                    }
                }
                Check($"seed {seed}, step {step}", reference, live, entries);
            }
        }
        Assert.True(refused > 100, $"only {refused} conflicts: the test is too tame");
    }

    /// <summary>What holds without any reference: applying again changes nothing, and the object says what was applied.</summary>
    [Fact]
    public void What_was_applied_holds_and_applying_again_changes_nothing()
    {
        for (var seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            var (live, config) = (Parse(RandomDeployment.Make(random)), Parse(RandomDeployment.Make(random)));
            var entries = FieldOwnership.OfCreated(Schema, live, Writer("anna", false), Now);
            var first = ServerSideApply.Apply(Schema, live, config, entries, Writer("bert", true), true, Now);
            var comparison = Comparison.Of(Schema, config, first.Object);
            Assert.True(comparison.Modified.IsEmpty && comparison.Removed.IsEmpty, $"seed {seed}");
            var second = ServerSideApply.Apply(Schema, first.Object, config, first.Entries, Writer("bert", true), false, Now.AddHours(1));
            Assert.True(TypedValue.Same(first.Object, second.Object), $"seed {seed}");
            Assert.Same(first.Entries, second.Entries);
        }
    }

    [Fact]
    public void Entries_come_in_the_applied_order_and_others_keep_their_place()
    {
        Assert.Equal("c a x b", Merged("a x b", "c a b"));
        Assert.Equal("x b a", Merged("x a b", "b a"));
        Assert.Equal("a b x", Merged("b x", "a b"));
        Assert.Equal("x n", Merged("x", "n"));
        Assert.Equal("x b y a", Merged("x a b y", "b a"));

        static string Merged(string live, string config) => string.Join(' ', ServerSideApply.Apply(Schema, Parse(With(live)), Parse(With(config)), null, Writer("me", true), true, Now)
            .Object.GetProperty("spec").GetProperty("template").GetProperty("spec").GetProperty("containers").EnumerateArray().Select(entry => entry.GetProperty("name").GetString()));

        static JsonObject With(string names) => new()
        {
            ["spec"] = new JsonObject { ["template"] = new JsonObject { ["spec"] = new JsonObject { ["containers"] = new JsonArray([.. names.Split(' ').Select(name => new JsonObject { ["name"] = name })]) } } },
        };
    }

    [Fact]
    public void An_update_that_only_removes_changes_no_time()
    {
        var before = Parse(JsonNode.Parse("""{"metadata":{"labels":{"a":"1","b":"1"}}}""")!);
        var entries = FieldOwnership.OfCreated(Schema, before, Writer("anna", false), Now);
        var after = FieldOwnership.AfterUpdate(Schema, before, Parse(JsonNode.Parse("""{"metadata":{"labels":{"a":"1"}}}""")!), entries, Writer("anna", false), Now.AddHours(1));
        Assert.Equal(Now, Assert.Single(after!).Time);
        after = FieldOwnership.AfterUpdate(Schema, before, Parse(JsonNode.Parse("""{"metadata":{"labels":{"a":"2","b":"1"}}}""")!), entries, Writer("anna", false), Now.AddHours(1));
        Assert.Equal(Now.AddHours(1), Assert.Single(after!).Time);
        Assert.Same(entries![0].FieldsV1, after![0].FieldsV1);
    }

    [Fact]
    public void Entries_that_stand_twice_are_compared_as_they_are()
    {
        const string port = """{"containerPort":80,"name":"a"}""", other = """{"containerPort":80,"name":"b"}""";
        Assert.True(Difference($"[{port},{other}]", $"[{port},{other}]").IsSame);
        Assert.Equal(["f:spec/f:template/f:spec/f:containers/k:{\"name\":\"c\"}/f:ports/k:{\"containerPort\":80,\"protocol\":\"TCP\"}"], FieldSetTests.Read(Difference($"[{port},{other}]", $"[{port},{port}]").Modified));

        static Comparison Difference(string old, string updated) => Comparison.Of(Schema, Parse(Pod(old)), Parse(Pod(updated)));
        static JsonNode Pod(string ports) => JsonNode.Parse("""{"spec":{"template":{"spec":{"containers":[{"name":"c","ports":PORTS}]}}}}""".Replace("PORTS", ports))!;
    }

    private static void Check(string where, OwnershipReference reference, JsonObject live, IReadOnlyList<ManagedFieldsEntry>? entries)
    {
        // An object emptied of its fields is left empty; whether it is there is no difference to anybody.
        var expected = reference.Object.Where(pair => pair.Value != "{}");
        var actual = OwnershipReference.Flat(live).Where(pair => pair.Value != "{}");
        Assert.True(expected.SequenceEqual(actual), $"{where}: expected\n{string.Join('\n', expected)}\nactual\n{string.Join('\n', actual)}");
        var owners = (entries ?? []).ToDictionary(entry => (entry.Operation == "Apply" ? "+" : "") + entry.Manager, entry => Leaves(FieldSetTests.Read(FieldSetJson.Read(entry.FieldsV1!)), reference));
        foreach (var (name, fields) in reference.Owners)
        {
            var wanted = Leaves(fields, reference);
            if (wanted.Count > 0 || owners.ContainsKey(name)) Assert.True(wanted.SetEquals(owners.GetValueOrDefault(name) ?? []), $"{where}, {name}: expected\n{string.Join('\n', wanted.Order())}\nactual\n{string.Join('\n', (owners.GetValueOrDefault(name) ?? []).Order())}");
        }
        Assert.Empty(owners.Where(owner => owner.Value.Count > 0).Select(owner => owner.Key).Except(reference.Owners.Keys));
    }

    /// <summary>The paths with a value of their own: whether a mere container of others is owned has no consequence.</summary>
    private static HashSet<string> Leaves(IEnumerable<string> paths, OwnershipReference reference) => paths.Where(path => reference.Object.GetValueOrDefault(path) != "{}").ToHashSet();

    private static FieldManager Writer(string name, bool applies) => new(name, applies, "apps/v1", "");

    private static JsonElement Parse(JsonNode node) => JsonElement.Parse(node.ToJsonString());
}
