using System.Net;

namespace Benchmarks.Services;

/// <summary>The peer of pods: two namespaces on a bridge, with nothing else between them.</summary>
internal sealed class BarePair : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("bare-pair-").FullName;
    private readonly Switch wire;
    private readonly Space one, other;

    private BarePair() => (wire, one, other) = (new(directory), new(directory, "one"), new(directory, "other"));

    public static async Task<BarePair> Create()
    {
        var pair = new BarePair();
        try
        {
            await pair.wire.Start();
            await pair.wire.Plug(pair.one, "eth0", IPAddress.Parse("192.168.58.1"));
            await pair.wire.Plug(pair.other, "eth0", IPAddress.Parse("192.168.58.2"));
            return pair;
        }
        catch
        {
            pair.Dispose();
            throw;
        }
    }

    public PodPath Path() => PodPath.Open(one.Namespace, other.Namespace, IPAddress.Parse("192.168.58.2"));

    public void Dispose()
    {
        one.Dispose();
        other.Dispose();
        wire.Dispose();
        Directory.Delete(directory, recursive: true);
    }
}
