using System.Threading.Channels;
using KubeApi;
using KubeApi.Objects;

namespace NodeAgent.Kubelet;

/// <summary>
/// Reports what happens to pods and to the node as Events. The same report again raises the count of the first one.
/// Recording never waits; with no API server the newest reports are kept until there is one.
/// </summary>
internal sealed class EventRecorder(ApiClient client, string component, string host, Action<string> log)
{
    private const int MostWaiting = 1000, MostRemembered = 4000;
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(2);

    private readonly Channel<Event> waiting = Channel.CreateBounded<Event>(new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropOldest });
    private readonly Dictionary<string, (string Namespace, string Name, int Count)> sent = [];

    /// <param name="container">Null for what concerns the pod as a whole.</param>
    /// <param name="type">Normal or Warning.</param>
    public void Record(Pod pod, Container? container, string type, string reason, string message) => Record(new ObjectReference
    {
        Kind = "Pod", ApiVersion = "v1", Namespace = pod.Namespace, Name = pod.Name, Uid = pod.Metadata.Uid,
        ResourceVersion = pod.Metadata.ResourceVersion, FieldPath = container is null ? null : $"spec.containers{{{container.Name}}}",
    }, pod.Namespace, type, reason, message);

    public void Record(Node node, string type, string reason, string message) => Record(new ObjectReference
    {
        Kind = "Node", ApiVersion = "v1", Name = node.Name, Uid = node.Name, // as the kubelet does: the name is known before the uid
    }, "default", type, reason, message);

    public async Task Run(CancellationToken cancel)
    {
        try
        {
            await foreach (var item in waiting.Reader.ReadAllAsync(cancel)) await Send(item, cancel);
        }
        catch (OperationCanceledException) { }
    }

    private void Record(ObjectReference involved, string ns, string type, string reason, string message)
    {
        var now = DateTime.UtcNow;
        waiting.Writer.TryWrite(new Event
        {
            Metadata = new ObjectMeta { Namespace = ns, Name = $"{involved.Name}.{now.Ticks - DateTime.UnixEpoch.Ticks:x}{Random.Shared.Next(16):x}" },
            InvolvedObject = involved, Type = type, Reason = reason, Message = message.Length <= 1024 ? message : message[..1024],
            Source = new EventSource { Component = component, Host = host }, ReportingComponent = component, ReportingInstance = host,
            FirstTimestamp = now, LastTimestamp = now, Count = 1,
        });
    }

    private async Task Send(Event item, CancellationToken cancel)
    {
        var key = $"{item.InvolvedObject.Uid}|{item.InvolvedObject.FieldPath}|{item.Type}|{item.Reason}|{item.Message}";
        while (true)
        {
            try
            {
                await SendOnce(key, item, cancel);
                return;
            }
            catch (ApiException e) when (e.IsNotFound && sent.Remove(key)) { } // the first one has expired: a new one
            catch (ApiException e)
            {
                log($"event {item.Reason} of {item.InvolvedObject.Namespace}/{item.InvolvedObject.Name}: {e.Message}");
                return;
            }
            catch (Exception e) when (e is HttpRequestException or IOException) { await Task.Delay(Retry, cancel); }
        }
    }

    private async Task SendOnce(string key, Event item, CancellationToken cancel)
    {
        if (sent.TryGetValue(key, out var first))
        {
            await client.MergePatch<Event>(first.Namespace, first.Name, new { count = first.Count + 1, lastTimestamp = item.LastTimestamp, message = item.Message }, cancel);
            sent[key] = first with { Count = first.Count + 1 };
            return;
        }
        if (sent.Count >= MostRemembered) sent.Clear(); // later repetitions start to count anew
        await client.Create(item, cancel);
        sent[key] = (item.Namespace, item.Name, 1);
    }
}
