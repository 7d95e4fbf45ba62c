using System.Text.Json.Nodes;
using KubeApi;

namespace UnitTests.KubeApi;

public sealed class GoTextTests
{
    [Theory]
    [InlineData("plain é", "\"plain é\"")]
    [InlineData("{\"a\":\"b\\c\"}", "\"{\\\"a\\\":\\\"b\\\\c\\\"}\"")]
    [InlineData("\t\n\u0001\u007f", "\"\\t\\n\\x01\\x7f\"")]
    [InlineData("\u00a0\u2028", "\"\\u00a0\\u2028\"")]
    public void A_string_is_quoted(string text, string quoted) => Assert.Equal(quoted, GoText.Quote(text));

    [Theory]
    [InlineData("""{"b":[1,"x y",null,true],"a":{"c":1.5}}""", "map[a:map[c:1.5] b:[1 x y <nil> true]]")]
    [InlineData("{}", "map[]")]
    [InlineData("null", "<nil>")]
    public void Decoded_JSON_is_printed_with_its_keys_in_order(string json, string text) => Assert.Equal(text, GoText.Format(JsonNode.Parse(json)));
}
