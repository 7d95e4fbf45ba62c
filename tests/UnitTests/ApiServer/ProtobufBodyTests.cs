using System.Text;
using ControlPlane.ApiServer;
using KubeApi;
using KubeApi.Objects;

namespace UnitTests.ApiServer;

public class ProtobufBodyTests
{
    /// <summary>Recorded from <c>kubectl create configmap pby --from-literal=a=b</c>.</summary>
    private static readonly byte[] Recorded = Convert.FromHexString(
        "6b387300" + "0a0f0a0276311209436f6e6669674d6170" + "121d0a130a0370627912001a0022002a00320038004200" + "12060a0161120162" + "1a002200");

    private static byte[] Field(int number, byte[] bytes) => [.. Varint((ulong)(number << 3 | 2)), .. Varint((ulong)bytes.Length), .. bytes];

    private static byte[] Field(int number, string text) => Field(number, Encoding.UTF8.GetBytes(text));

    private static byte[] Field(int number, ulong value) => [.. Varint((ulong)(number << 3)), .. Varint(value)];

    private static byte[] Varint(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7) bytes.Add((byte)(value | 0x80));
        return [.. bytes, (byte)value];
    }

    private static T Read<T>(byte[] raw) => KubeJson.Deserialize<T>(ProtobufBody.ToJson([0x6b, 0x38, 0x73, 0, .. Field(2, raw)], typeof(T)));

    [Fact]
    public void A_ConfigMap_that_kubectl_sent_is_read_and_empty_fields_are_left_out() => Assert.Equal(
        """{"metadata":{"name":"pby"},"data":{"a":"b"},"apiVersion":"v1","kind":"ConfigMap"}""",
        Encoding.UTF8.GetString(ProtobufBody.ToJson(Recorded, typeof(ConfigMap))));

    [Fact]
    public void Numbers_flags_ports_quantities_and_inlined_volume_sources_are_read()
    {
        byte[] port = [.. Field(1, "http"), .. Field(2, 0), .. Field(3, 80), .. Field(4, "TCP")];
        byte[] limits = Field(1, [.. Field(1, "cpu"), .. Field(2, Field(1, "500m"))]);
        byte[] container = [.. Field(1, "c"), .. Field(2, "nginx"), .. Field(3, "a"), .. Field(3, "b"), .. Field(6, port), .. Field(8, limits)];
        byte[] volume = [.. Field(1, "v"), .. Field(2, Field(2, []))]; // volumeSource { emptyDir {} }
        byte[] spec = [.. Field(1, volume), .. Field(2, container), .. Field(4, 0), .. Field(11, 0), .. Field(30, 0)];
        var pod = Read<Pod>([.. Field(1, Field(1, "p")), .. Field(2, spec)]);

        Assert.Equal("p", pod.Name);
        Assert.Equal(0, pod.Spec!.TerminationGracePeriodSeconds); // a pointer: 0 is meant
        Assert.Null(pod.Spec.HostNetwork); // no pointer: false says nothing
        Assert.False(pod.Spec.EnableServiceLinks);
        Assert.NotNull(pod.Spec.Volumes![0].EmptyDir);
        var read = pod.Spec.Containers[0];
        Assert.Equal(["a", "b"], read.Command!);
        Assert.Equal((80, "TCP", (int?)null), (read.Ports![0].Port, read.Ports[0].Protocol, read.Ports[0].HostPort));
        Assert.Equal(500, read.Resources!.Limits!["cpu"].MilliValue);
    }

    [Fact]
    public void A_port_by_name_a_time_and_secret_bytes_are_read()
    {
        byte[] time = [.. Field(1, 1700000000), .. Field(2, 0)];
        byte[] servicePort = [.. Field(3, 80), .. Field(4, [.. Field(1, 1), .. Field(2, 0), .. Field(3, "web")])];
        var service = Read<Service>([.. Field(1, Field(8, time)), .. Field(2, Field(1, servicePort))]);
        Assert.Equal("web", service.Spec!.Ports![0].TargetPort.ToString());
        Assert.Equal(DateTime.UnixEpoch.AddSeconds(1700000000), service.Metadata.CreationTimestamp);

        var secret = Read<Secret>(Field(2, [.. Field(1, "k"), .. Field(2, [1, 2, 255])]));
        Assert.Equal([1, 2, 255], secret.Data!["k"]);
    }

    [Fact]
    public void What_is_broken_is_refused()
    {
        Assert.Throws<FormatException>(() => ProtobufBody.ToJson("{}"u8, typeof(ConfigMap)));
        for (var length = 5; length < Recorded.Length - 4; length++)
        {
            try { ProtobufBody.ToJson(Recorded.AsSpan(0, length), typeof(ConfigMap)); }
            catch (FormatException) { } // nothing else may come out
        }
    }

    [Fact]
    public void Random_bytes_never_end_in_anything_but_a_clear_refusal()
    {
        var random = new Random(1);
        for (var i = 0; i < 5000; i++)
        {
            var bytes = new byte[4 + random.Next(60)];
            random.NextBytes(bytes);
            new byte[] { 0x6b, 0x38, 0x73, 0 }.CopyTo(bytes, 0);
            try { ProtobufBody.ToJson(bytes, typeof(Pod)); }
            catch (FormatException) { }
        }
    }
}
