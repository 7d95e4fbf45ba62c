using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ControlPlane.ApiServer;
using ControlPlane.OpenApi;
using Xunit;

namespace UnitTests.OpenApi;

/// <summary>The protobuf form, read again by the field numbers of gnostic's OpenAPIv2.proto.</summary>
public sealed class ProtobufDocumentTests
{
    [Fact]
    public void It_says_what_the_JSON_says()
    {
        var json = OpenApiDocument.V2();
        var definitions = JsonNode.Parse(json.Span)!["definitions"]!.AsObject();
        var read = Named(Single(ProtobufDocument.Encode(json).ToArray(), 9), 1);
        Assert.Equal(definitions.Select(entry => entry.Key), read.Select(entry => entry.Name));
        foreach (var (name, schema) in read) AssertSame(definitions[name]!, schema, name);
    }

    [Fact]
    public void A_patch_operation_names_its_kind_and_its_dryRun_parameter()
    {
        var paths = Named(Single(ProtobufDocument.Encode(OpenApiDocument.V2()).ToArray(), 8), 2).ToDictionary(entry => entry.Name, entry => entry.Value);
        var patch = Single(paths["/api/v1/namespaces/{namespace}/pods/{name}"], 8);
        var (extension, any) = Assert.Single(Named(patch, 13), entry => entry.Name == "x-kubernetes-group-version-kind");
        Assert.Equal("Pod", (string?)JsonNode.Parse(Single(any, 2))!["kind"]);
        Assert.Equal("x-kubernetes-group-version-kind", extension);
        var query = All(patch, 8).Select(item => Single(item, 1)).Where(parameter => All(parameter, 2).Count > 0).Select(parameter => Single(Single(parameter, 2), 3)).ToList();
        Assert.Contains("dryRun", query.Select(parameter => Text(parameter, 4)));
        Assert.All(query, parameter => Assert.Equal("query", Text(parameter, 2)));
    }

    [Theory]
    [InlineData(0), InlineData(127), InlineData(128), InlineData(16384), InlineData(70000)]
    public void A_text_of_any_length_can_be_read_again(int length)
    {
        var text = new string('a', length) + "ü";
        var writer = new ProtobufWriter();
        writer.Text(300, text);
        writer.Text(301, "");
        Assert.Equal(text, Text(writer.Written.ToArray(), 300));
        Assert.Empty(All(writer.Written.ToArray(), 301));
    }

    [Theory]
    [InlineData(0), InlineData(126), InlineData(127), InlineData(128), InlineData(16383), InlineData(200000)]
    public void A_message_of_any_length_can_be_read_again_with_what_follows(int length)
    {
        var writer = new ProtobufWriter();
        writer.Message(1, outer =>
        {
            outer.Message(2, inner => inner.Text(3, new string('a', length)));
            outer.Text(4, "after");
        });
        writer.Text(5, "end");
        var read = Single(writer.Written.ToArray(), 1);
        Assert.Equal(new string('a', length), Text(Single(read, 2), 3));
        Assert.Equal("after", Text(read, 4));
        Assert.Equal("end", Text(writer.Written.ToArray(), 5));
    }

    private static void AssertSame(JsonNode json, byte[] schema, string path)
    {
        Assert.Equal((string?)json["$ref"] ?? "", Text(schema, 1));
        Assert.Equal((string?)json["format"] ?? "", Text(schema, 2));
        Assert.Equal((string?)json["description"] ?? "", Text(schema, 4));
        Assert.Equal(json["default"]?.ToJsonString() ?? "", All(schema, 5) is [var assumed] ? Text(assumed, 2) : "");
        Assert.Equal((json["required"]?.AsArray() ?? []).Select(name => (string?)name), All(schema, 19).Select(Encoding.UTF8.GetString));
        Assert.Equal((string?)json["type"] ?? "", All(schema, 22) is [var type] ? Text(type, 1) : "");
        if (json["items"] is { } items) AssertSame(items, Single(Single(schema, 23), 1), path + "[]");
        if (json["additionalProperties"] is { } values) AssertSame(values, Single(Single(schema, 21), 1), path + "{}");
        var properties = json["properties"]?.AsObject() ?? [];
        var read = All(schema, 25) is [var message] ? Named(message, 1) : [];
        Assert.Equal(properties.Select(entry => entry.Key), read.Select(entry => entry.Name));
        foreach (var (name, property) in read) AssertSame(properties[name]!, property, $"{path}.{name}");
        foreach (var (name, any) in Named(schema, 31)) Assert.True(JsonElement.DeepEquals(JsonSerializer.SerializeToElement(json[name]), JsonElement.Parse(Single(any, 2))), $"{path} {name}");
        Assert.Equal(json.AsObject().Count(entry => entry.Key.StartsWith("x-", StringComparison.Ordinal)), All(schema, 31).Count);
    }

    private static List<byte[]> All(byte[] message, int field)
    {
        var found = new List<byte[]>();
        var reader = new ProtobufReader(message);
        while (reader.Next(out var number, out var value))
            if (number == field && value.IsBytes) found.Add(value.Bytes.ToArray());
        return found;
    }

    private static byte[] Single(byte[] message, int field) => Assert.Single(All(message, field));

    private static string Text(byte[] message, int field) => All(message, field) is [var text] ? Encoding.UTF8.GetString(text) : "";

    private static List<(string Name, byte[] Value)> Named(byte[] message, int field) => All(message, field).Select(pair => (Text(pair, 1), Single(pair, 2))).ToList();
}
