using ControlPlane.ApiServer;
using Xunit;

namespace UnitTests.ApiServer;

public sealed class YamlBodyTests
{
    [Fact]
    public void A_document_becomes_the_JSON_that_it_means() =>
        Assert.Equal("""{"a":[1,"1",1.5,true,null,"x"],"b":{"c":"d"},"e":{"c":"d"}}""",
            YamlBody.Parse("a: [1, '1', 1.5, true, ~, x]\nb: &b {c: d}\ne: *b\n", out _)!.ToJsonString());

    [Theory]
    [InlineData("? [a]\n: b\n", "key is not a scalar")]
    [InlineData("a: [b\nc", "yaml: ")]
    [InlineData("a: {b: c\n", "yaml: ")]
    [InlineData("a: 1e999", "unsupported value: 1e999")]
    [InlineData("a: *b\n", "unknown anchor 'b' referenced")]
    [InlineData("a: &a\n  b: *a\n", "anchor 'a' value contains itself")]
    [InlineData("a: 1\n---\nb: 2\n", "more than one YAML document")]
    [InlineData("a: \"\\uD83D\\u0041\"\n", "yaml: invalid Unicode character")]
    public void What_is_no_YAML_object_is_a_bad_request(string text, string why)
    {
        var refused = Assert.Throws<StatusException>(() => YamlBody.Parse(text, out _));
        Assert.Equal(400, refused.Code);
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_a_key_given_twice_the_last_counts_and_each_is_told_with_its_line()
    {
        Assert.Equal("""{"a":{"b":3},"c":4}""", YamlBody.Parse("a:\n  b: 1\n  b: 2\n  b: 3\nc: {}\nc: 4\n", out var repeated)!.ToJsonString());
        Assert.Equal(["line 3: key \"b\" already set in map", "line 4: key \"b\" already set in map", "line 6: key \"c\" already set in map"], repeated);
        Assert.Throws<FormatException>(() => global::KubeApi.YamlJson.Parse("a: 1\na: 2\n")); // where nobody asks for them they are refused
    }

    [Fact]
    public void An_alias_stands_for_what_its_anchor_stood_for_last_at_any_depth()
    {
        Assert.Equal("""{"a":[1,{"x":2}],"b":{"x":2},"c":[1,{"x":2}],"d":7,"e":7}""", YamlBody.Parse("a: &l [1, &m {x: 2}]\nb: *m\nc: *l\nd: &m 7\ne: *m\n", out _)!.ToJsonString());
        var deep = $"a: &a {string.Concat(Enumerable.Repeat("[", 200))}{string.Concat(Enumerable.Repeat("]", 200))}\nb: {string.Concat(Enumerable.Repeat("[", 200))}*a{string.Concat(Enumerable.Repeat("]", 200))}\n";
        Assert.Contains("nested too deeply", Assert.Throws<StatusException>(() => YamlBody.Parse(deep, out _)).Message, StringComparison.Ordinal);
    }

    /// <summary>The library's reader recurses: such a body once ended the process.</summary>
    [Theory]
    [InlineData("[\n")]
    [InlineData("- ")]
    [InlineData("{a: ")]
    public void A_million_levels_are_refused_and_do_not_end_the_process(string level) =>
        Assert.Contains("nested too deeply", Assert.Throws<StatusException>(() => YamlBody.Parse(string.Concat(Enumerable.Repeat(level, 1_000_000)), out _)).Message, StringComparison.Ordinal);

    [Fact]
    public void Aliases_that_stand_for_billions_of_nodes_are_refused()
    {
        var levels = Enumerable.Range(1, 12).Select(i => $"a{i}: &a{i} [{string.Join(',', Enumerable.Repeat($"*a{i - 1}", 10))}]");
        var refused = Assert.Throws<StatusException>(() => YamlBody.Parse($"a0: &a0 [x]\n{string.Join('\n', levels)}\n", out _));
        Assert.Contains("excessive aliasing", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_answer_in_YAML_means_what_the_JSON_means()
    {
        var random = new Random(7);
        foreach (var type in Wire.RandomObject.Kinds)
        {
            var json = new Wire.RandomObject(random).Of(type);
            json["s"] = new System.Text.Json.Nodes.JsonArray("yes", "1", "1.5", "a: b", "- x", "", " ", "null", "~", "#c", "a#b", "é", "0x1", "\u2028", "plain", "NO");
            var yaml = System.Text.Encoding.UTF8.GetString(YamlAnswer.Of(System.Text.Encoding.UTF8.GetBytes(json.ToJsonString())));
            Assert.True(System.Text.Json.Nodes.JsonNode.DeepEquals(System.Text.Json.Nodes.JsonNode.Parse(json.ToJsonString()), YamlBody.Parse(yaml, out _)), yaml);
        }
    }
}
