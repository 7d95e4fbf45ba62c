using System.Threading.Channels;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>
/// Tells users what a component did, as core/v1 Events. The same event again raises the count of the first one.
/// Recording never waits and never fails: an event that cannot be written is dropped with a line in the log.
/// </summary>
internal sealed class EventRecorder(ApiClient client, Action<string> log)
{
    private const int Remembered = 4096;

    private readonly record struct Identity(string Component, string Uid, string Type, string Reason, string Message);

    private readonly Channel<(Identity Identity, Event Event)> pending =
        Channel.CreateBounded<(Identity, Event)>(new BoundedChannelOptions(4096) { SingleReader = true, FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Dictionary<Identity, (string Namespace, string Name, int Count)> written = [];

    public void Normal<T>(string component, T about, string reason, string message) where T : KubeObject =>
        Record(component, about, "Normal", reason, message);

    public void Warning<T>(string component, T about, string reason, string message) where T : KubeObject =>
        Record(component, about, "Warning", reason, message);

    public async Task Run(CancellationToken cancel)
    {
        try
        {
            await foreach (var (identity, @event) in pending.Reader.ReadAllAsync(cancel))
            {
                try { await Write(identity, @event, cancel); }
                catch (Exception e) when (e is ApiException or HttpRequestException or IOException)
                {
                    log($"event {@event.Reason} of {@event.InvolvedObject.Kind} {@event.InvolvedObject.Name} is lost: {e.Message}");
                }
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested) { }
    }

    private void Record<T>(string component, T about, string type, string reason, string message) where T : KubeObject
    {
        var @event = Describe(component, about, type, reason, message, DateTime.UtcNow);
        pending.Writer.TryWrite((new Identity(component, about.Metadata.Uid ?? "", type, reason, message), @event));
    }

    /// <summary>The first event of its identity. Cluster-scoped objects have their events in namespace default.</summary>
    public static Event Describe<T>(string component, T about, string type, string reason, string message, DateTime now) where T : KubeObject
    {
        var ns = about.Namespace.Length > 0 ? about.Namespace : "default";
        return new Event
        {
            Metadata = new ObjectMeta { Name = $"{about.Name}.{now.Ticks:x}{Random.Shared.Next(0x1000):x3}", Namespace = ns },
            InvolvedObject = new ObjectReference
            {
                Kind = Resource.Of<T>().Kind, ApiVersion = Resource.Of<T>().ApiVersion, Namespace = about.Metadata.Namespace, Name = about.Name,
                Uid = about.Metadata.Uid, ResourceVersion = about.Metadata.ResourceVersion,
            },
            Type = type, Reason = reason, Message = message, Count = 1, FirstTimestamp = now, LastTimestamp = now,
            Source = new EventSource { Component = component }, ReportingComponent = component,
        };
    }

    private async Task Write(Identity identity, Event @event, CancellationToken cancel)
    {
        if (written.TryGetValue(identity, out var first))
        {
            try
            {
                await client.MergePatch<Event>(first.Namespace, first.Name, new { count = first.Count + 1, lastTimestamp = @event.LastTimestamp }, cancel);
                written[identity] = first with { Count = first.Count + 1 };
                return;
            }
            catch (ApiException e) when (e.IsNotFound) { } // expired meanwhile: start anew
        }
        await client.Create(@event, cancel);
        if (written.Count >= Remembered) written.Clear();
        written[identity] = (@event.Namespace, @event.Name, 1);
    }
}
