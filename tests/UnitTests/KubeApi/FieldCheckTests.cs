using System.Text;
using System.Text.Json;
using KubeApi.Objects;
using KubeApi.Schema;

namespace UnitTests.KubeApi;

public class FieldCheckTests
{
    private static IReadOnlyList<string> Find<T>(string json) => FieldCheck.Find(Encoding.UTF8.GetBytes(json), typeof(T));

    [Fact]
    public void Known_fields_labels_and_free_maps_pass() => Assert.Empty(Find<Pod>("""
        {"kind":"Pod","apiVersion":"v1","metadata":{"name":"a","labels":{"anything":"goes"},"annotations":{"x/y":"z"}},
         "spec":{"containers":[{"name":"c","image":"i","resources":{"limits":{"nvidia.com/gpu":"1"}},"ports":[{"containerPort":80}]}]},"status":{"podIPs":[{"ip":"1.2.3.4"}]}}
        """));

    [Fact]
    public void Unknown_fields_are_named_with_their_path() => Assert.Equal(
        ["unknown field \"spec.contaners\"", "unknown field \"spec.containers[1].imag\"", "unknown field \"sepc\""],
        Find<Pod>("""{"spec":{"contaners":[],"containers":[{"name":"a"},{"name":"b","imag":"x"}]},"sepc":{"x":1}}"""));

    [Fact]
    public void A_field_said_twice_is_named_once_per_repetition() => Assert.Equal(
        ["duplicate field \"spec.replicas\"", "duplicate field \"metadata.labels.a\""],
        Find<ReplicationController>("""{"spec":{"replicas":1,"replicas":2},"metadata":{"labels":{"a":"1","a":"2"}}}"""));

    [Fact]
    public void What_is_inside_an_unknown_field_is_not_judged() =>
        Assert.Equal(["unknown field \"spec.nope\""], Find<Pod>("""{"spec":{"nope":{"deep":{"deeper":1}}}}"""));

    [Fact]
    public void The_name_of_a_field_is_its_name_on_the_wire()
    {
        Assert.Empty(Find<Status>("""{"status":"Failure","message":"x"}"""));
        Assert.Equal(["unknown field \"outcome\""], Find<Status>("""{"outcome":"Failure"}"""));
        Assert.Equal(["unknown field \"Metadata\""], Find<Pod>("""{"Metadata":{}}"""));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"a\":")]
    [InlineData("nonsense")]
    public void What_is_not_json_is_refused(string text) => Assert.ThrowsAny<JsonException>(() => Find<Pod>(text));

    [Fact]
    public void A_value_of_another_shape_is_left_to_the_reader() => Assert.Empty(Find<Pod>("""{"spec":[{"a":1}],"metadata":"x"}"""));
}
