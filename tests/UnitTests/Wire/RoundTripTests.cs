using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ControlPlane.ApiServer;
using KubeApi;
using KubeApi.Objects;
using Xunit;
using Xunit.Abstractions;

namespace UnitTests.Wire;

/// <summary>Objects of every kind, made at random, come out of each of the three forms as they went in.</summary>
public sealed class RoundTripTests(ITestOutputHelper output)
{
    private const int Rounds = 40;

    private readonly int seed = Random.Shared.Next();

    [Fact]
    public void JSON_says_what_the_record_says() => Each((type, json) => json.ToJsonString());

    [Fact]
    public void YAML_says_what_the_record_says() => Each((type, json) => YamlBody.Parse(YamlText.Of(json), out _)!.ToJsonString());

    [Fact]
    public void Protobuf_says_what_the_record_says() => Each((type, json) =>
        Encoding.UTF8.GetString(ProtobufBody.ToJson(ProtobufEncoder.Body(json, type, Resource.Of(type).ApiVersion, Resource.Of(type).Kind), type)));

    /// <param name="through">From the object's JSON through the form to JSON again.</param>
    private void Each(Func<Type, JsonObject, string> through)
    {
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        Assert.True(RandomObject.Kinds.Count > 20);
        foreach (var type in RandomObject.Kinds)
            for (var i = 0; i < Rounds; i++)
            {
                var before = Canonical(type, new RandomObject(random).Of(type).ToJsonString());
                var after = Canonical(type, through(type, JsonNode.Parse(before)!.AsObject()));
                Assert.True(before == after, $"seed {seed}, {type.Name}:\n{before}\n{after}");
            }
    }

    private static string Canonical(Type type, string json) =>
        Encoding.UTF8.GetString(KubeJson.Serialize((KubeType)JsonSerializer.Deserialize(json, type, KubeJson.Options)! with { Kind = Resource.Of(type).Kind, ApiVersion = Resource.Of(type).ApiVersion }));
}
