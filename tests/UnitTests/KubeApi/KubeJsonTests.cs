using System.Text;
using System.Text.Json;
using KubeApi;
using KubeApi.Objects;

namespace UnitTests.KubeApi;

public class KubeJsonTests
{
    private static string Text(object value) => Encoding.UTF8.GetString(KubeJson.Serialize(value));

    private static T Read<T>(string json) => KubeJson.Deserialize<T>(Encoding.UTF8.GetBytes(json));

    [Fact]
    public void Absent_and_empty_fields_are_left_out_and_required_ones_stay()
    {
        var pod = new Pod { Kind = "Pod", ApiVersion = "v1", Metadata = new ObjectMeta { Name = "a", Labels = new Dictionary<string, string>() }, Spec = new PodSpec { Tolerations = [] } };
        Assert.Equal("""{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a"},"spec":{"containers":[]}}""", Text(pod));
    }

    [Fact]
    public void Only_the_first_letter_of_a_name_is_lowered() =>
        Assert.Equal("""{"podIPs":[{"ip":"10.0.0.1"}],"hostIP":"10.0.0.2"}""", Sorted(new PodStatus { HostIP = "10.0.0.2", PodIPs = [new PodIP { Ip = "10.0.0.1" }] }));

    private static string Sorted(PodStatus status) =>
        "{" + string.Join(',', JsonDocument.Parse(Text(status)).RootElement.EnumerateObject().OrderByDescending(p => p.Name).Select(p => $"\"{p.Name}\":{p.Value.GetRawText()}")) + "}";

    [Fact]
    public void Times_have_whole_seconds_in_utc_and_micro_times_six_digits()
    {
        var time = new DateTime(2026, 1, 2, 3, 4, 5, 678, DateTimeKind.Utc);
        Assert.Equal("""{"creationTimestamp":"2026-01-02T03:04:05Z"}""", Text(new ObjectMeta { CreationTimestamp = time }));
        Assert.Equal("""{"renewTime":"2026-01-02T03:04:05.678000Z"}""", Text(new LeaseSpec { RenewTime = time }));
    }

    [Theory]
    [InlineData("2026-01-02T03:04:05Z")]
    [InlineData("2026-01-02T05:04:05+02:00")]
    [InlineData("2026-01-02T03:04:05.000000Z")]
    public void Any_form_of_a_time_is_read_as_utc(string text)
    {
        var time = Read<ObjectMeta>($$"""{"creationTimestamp":"{{text}}"}""").CreationTimestamp;
        Assert.Equal(new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc), time);
        Assert.Equal(DateTimeKind.Utc, time!.Value.Kind);
    }

    [Theory]
    [InlineData("""{"spec":{"replicas":"two"}}""", "$.spec.replicas")]
    [InlineData("""{"metadata":{"creationTimestamp":"yesterday"}}""", "$.metadata.creationTimestamp")]
    [InlineData("""{"metadata":{"labels":{"a":1}}}""", "$.metadata.labels")]
    [InlineData("""{"metadata":[]}""", "$.metadata")]
    public void A_wrong_type_is_refused_with_its_path(string json, string path) =>
        Assert.StartsWith(path, Assert.Throws<JsonException>(() => Read<ReplicationController>(json)).Path);

    [Theory]
    [InlineData("null")]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("\u0000\u0001")]
    public void What_is_no_object_is_refused(string json) => Assert.Throws<JsonException>(() => Read<Pod>(json));

    [Fact]
    public void Bytes_are_base64_and_unknown_fields_are_skipped()
    {
        var secret = Read<Secret>("""{"data":{"a":"aGk="},"nonsense":{"x":[1,2]}}""");
        Assert.Equal("hi", Encoding.UTF8.GetString(secret.Data!["a"]));
        Assert.Equal("""{"metadata":{},"data":{"a":"aGk="}}""", Text(secret));
    }
}
