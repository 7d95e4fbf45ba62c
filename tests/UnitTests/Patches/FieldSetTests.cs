using System.Text;
using ControlPlane.Patches.ServerSideApply;
using KubeApi;
using Xunit;

namespace UnitTests.Patches;

public sealed class FieldSetTests
{
    private static readonly string[] Names = ["f:a", "f:b", "k:{\"name\":\"x\"}", "v:\"s\"", "i:0"];

    [Fact]
    public void Random_sets_behave_as_sets_of_paths_do()
    {
        for (var seed = 0; seed < 2000; seed++)
        {
            var random = new Random(seed);
            var (a, b) = (Paths(random), Paths(random));
            var (x, y) = (Set(a), Set(b));
            Assert.Equal(a.Order(StringComparer.Ordinal), Read(x));
            Assert.Equal(a.Union(b).Order(StringComparer.Ordinal), Read(x.Union(y)));
            Assert.Equal(a.Intersect(b).Order(StringComparer.Ordinal), Read(x.Intersection(y)));
            Assert.Equal(a.Except(b).Order(StringComparer.Ordinal), Read(x.Difference(y)));
            Assert.Equal(a.Where(path => !b.Any(other => path == other || path.StartsWith(other + "/", StringComparison.Ordinal))).Order(StringComparer.Ordinal), Read(x.RecursiveDifference(y)));
            Assert.Equal(a.ToHashSet().SetEquals(b), x.SetEquals(y));
            Assert.All(a, path => Assert.True(x.Contains(path.Split('/'))));
        }
    }

    [Fact]
    public void What_changes_nothing_gives_back_the_same_set()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var set = Set(Paths(new Random(seed)));
            Assert.Same(set, set.Union(Set(Read(set))));
            Assert.Same(set, set.Union(FieldSet.Empty));
            Assert.Same(set, set.Difference(FieldSet.Empty));
            Assert.Same(set, set.Intersection(Set(Read(set))));
            Assert.True(set.Difference(Set(Read(set))).IsEmpty);
        }
    }

    [Fact]
    public void Random_sets_survive_their_json()
    {
        for (var seed = 0; seed < 500; seed++)
        {
            var paths = Paths(new Random(seed));
            var json = FieldSetJson.Write(Set(paths)).ToString();
            // Other text for the same set: it is really read, not found.
            Assert.Equal(paths.Order(StringComparer.Ordinal), Read(FieldSetJson.Read(FieldsV1.Of(Encoding.UTF8.GetBytes(json.Replace(":{}", ": {}"))))));
        }
    }

    [Theory]
    [InlineData("""{"f:a":{"f:b":{}}}""", "f:a/f:b")]
    [InlineData("""{"f:a":{".":{},"f:b":{}}}""", "f:a f:a/f:b")]
    [InlineData("""{"f:l":{"k:{\"protocol\":\"TCP\",\"containerPort\":80}":{}}}""", "f:l/k:{\"containerPort\":80,\"protocol\":\"TCP\"}")]
    [InlineData("""{"f:l":{"v:\"\u0041\"":{}}}""", "f:l/v:\"A\"")]
    public void The_wire_form_is_read(string json, string paths) =>
        Assert.Equal(paths, string.Join(' ', Read(FieldSetJson.Read(FieldsV1.Of(Encoding.UTF8.GetBytes(json))))));

    [Theory]
    [InlineData("[]")]
    [InlineData("""{"f:a":1}""")]
    [InlineData("""{"a":{}}""")]
    [InlineData("""{"q:a":{}}""")]
    [InlineData("""{"k:{":{}}""")]
    [InlineData("""{"k:1":{}}""")]
    [InlineData("""{"i:x":{}}""")]
    [InlineData("""{"v:":{}}""")]
    public void What_is_no_set_is_refused(string json) => Assert.Throws<FormatException>(() => FieldSetJson.Read(FieldsV1.Of(Encoding.UTF8.GetBytes(json))));

    [Theory]
    [InlineData("f:spec", ".spec")]
    [InlineData("k:{\"containerPort\":80,\"protocol\":\"TCP\"}", "[containerPort=80,protocol=\"TCP\"]")]
    [InlineData("v:\"x\"", "[=\"x\"]")]
    [InlineData("i:3", "[3]")]
    public void Errors_name_a_step(string element, string text) => Assert.Equal(text, PathElement.ToText(element));

    private static List<string> Paths(Random random) => Enumerable.Range(0, random.Next(0, 12))
        .Select(_ => string.Join('/', Enumerable.Range(0, random.Next(1, 4)).Select(_ => Names[random.Next(Names.Length)]))).Distinct().ToList();

    private static FieldSet Set(IEnumerable<string> paths)
    {
        var set = FieldSet.Empty;
        foreach (var path in paths) set = set.Union(Path(path.Split('/')));
        return set;
    }

    internal static List<string> Read(FieldSet set) => set.Paths().Select(path => string.Join('/', path)).Order(StringComparer.Ordinal).ToList();

    private static FieldSet Path(ReadOnlySpan<string> path) => path.IsEmpty ? FieldSet.Leaf : FieldSet.Of(false, [new(path[0], Path(path[1..]))]);
}
