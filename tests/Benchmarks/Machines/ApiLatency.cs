using System.Diagnostics;
using Benchmarks.Api;
using KubeApi;
using KubeApi.Objects;

namespace Benchmarks.Machines;

/// <summary>What one client waits for its answers while the nodes go on with their heartbeats.</summary>
internal sealed class ApiLatency(ServerProcess server)
{
    private readonly Dictionary<string, List<double>> samples = [];

    /// <summary>By verb, in ms, in the order in which they are shown.</summary>
    public IReadOnlyDictionary<string, List<double>> Samples => samples;

    /// <param name="pods">Some that exist.</param>
    public async Task Measure(IReadOnlyList<Pod> pods, int rounds, CancellationToken cancel)
    {
        using var connection = await HttpConnection.Open(server.Port, server.Admin, cancel);
        for (var i = -5; i < rounds; i++)
        {
            if (i == 0) samples.Clear(); // the first ones were compiled on the way
            var pod = pods[Math.Abs(i) * 7919 % pods.Count];
            var path = $"/api/v1/namespaces/{pod.Namespace}/pods/{pod.Name}";
            await Timed("get", HttpConnection.Request("GET", path), 200);
            await Timed("list by node", HttpConnection.Request("GET", $"/api/v1/pods?fieldSelector=spec.nodeName%3D{pod.Spec!.NodeName}"), 200);
            await Timed("create", Writes.Request($"machines-{Guid.NewGuid():N}"), 201);
            await Timed("patch", HttpConnection.Request("PATCH", path, System.Text.Encoding.ASCII.GetBytes($"{{\"metadata\":{{\"annotations\":{{\"bench\":\"{i}\"}}}}}}"), "application/merge-patch+json"), 200);
            await Task.Delay(20, cancel);
        }

        async Task Timed(string verb, byte[] request, int expected)
        {
            var answer = await connection.Send(request, cancel);
            if (answer.Status != expected) throw new InvalidOperationException($"{verb} was answered {answer.Status}");
            if (!samples.TryGetValue(verb, out var list)) samples[verb] = list = [];
            list.Add(answer.Last);
        }
    }
}
