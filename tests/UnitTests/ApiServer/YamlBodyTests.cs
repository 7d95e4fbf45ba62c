using ControlPlane.ApiServer;
using Xunit;

namespace UnitTests.ApiServer;

public sealed class YamlBodyTests
{
    [Fact]
    public void A_document_becomes_the_JSON_that_it_means() =>
        Assert.Equal("""{"a":[1,"1",1.5,true,null,"x"],"b":{"c":"d"},"e":{"c":"d"}}""",
            YamlBody.Parse("a: [1, '1', 1.5, true, ~, x]\nb: &b {c: d}\ne: *b\n")!.ToJsonString());

    [Theory]
    [InlineData("? [a]\n: b\n", "key is not a scalar")]
    [InlineData("a: [b\nc", "yaml: ")]
    [InlineData("a: {b: c\n", "yaml: ")]
    [InlineData("a: 1e999", "unsupported value: 1e999")]
    [InlineData("a: 1\na: 2\n", "Duplicate key a")]
    [InlineData("a: &a\n  b: *a\n", "nested too deeply")]
    [InlineData("a: 1\n---\nb: 2\n", "more than one YAML document")]
    [InlineData("a: \"\\uD83D\\u0041\"\n", "yaml: invalid Unicode character")]
    public void What_is_no_YAML_object_is_a_bad_request(string text, string why)
    {
        var refused = Assert.Throws<StatusException>(() => YamlBody.Parse(text));
        Assert.Equal(400, refused.Code);
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
    }

    /// <summary>The library's reader recurses: such a body once ended the process.</summary>
    [Theory]
    [InlineData("[\n")]
    [InlineData("- ")]
    [InlineData("{a: ")]
    public void A_million_levels_are_refused_and_do_not_end_the_process(string level) =>
        Assert.Contains("nested too deeply", Assert.Throws<StatusException>(() => YamlBody.Parse(string.Concat(Enumerable.Repeat(level, 1_000_000)))).Message, StringComparison.Ordinal);

    [Fact]
    public void Aliases_that_stand_for_billions_of_nodes_are_refused()
    {
        var levels = Enumerable.Range(1, 12).Select(i => $"a{i}: &a{i} [{string.Join(',', Enumerable.Repeat($"*a{i - 1}", 10))}]");
        var refused = Assert.Throws<StatusException>(() => YamlBody.Parse($"a0: &a0 [x]\n{string.Join('\n', levels)}\n"));
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
            Assert.True(System.Text.Json.Nodes.JsonNode.DeepEquals(System.Text.Json.Nodes.JsonNode.Parse(json.ToJsonString()), YamlBody.Parse(yaml)), yaml);
        }
    }
}
