using System.Text.Json;
using System.Threading.Channels;
using KubeApi.Objects;

namespace KubeApi;

/// <summary>
/// Tells users what a component did, as core/v1 Events (client-go tools/record). The same event again raises the count
/// of the first one; see <see cref="EventCorrelator"/>. Recording never waits and never fails; while the API server cannot
/// be reached the newest wait.
/// </summary>
/// <param name="host">The node on which the component runs; null for the control plane.</param>
/// <param name="log">Told of an event that the server refused, in one line.</param>
public sealed class EventRecorder(ApiClient client, Action<string> log, string? host = null)
{
    private const int MostWaiting = 4096, LongestMessage = 1024;
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(2);

    private readonly Channel<Event> waiting = Channel.CreateBounded<Event>(new BoundedChannelOptions(MostWaiting) { SingleReader = true, FullMode = BoundedChannelFullMode.DropOldest });
    private readonly EventCorrelator correlator = new();

    public void Normal<T>(string component, T about, string reason, string message) where T : KubeObject =>
        Record(component, Reference(about), "Normal", reason, message);

    public void Warning<T>(string component, T about, string reason, string message) where T : KubeObject =>
        Record(component, Reference(about), "Warning", reason, message);

    /// <param name="type">Normal or Warning.</param>
    public void Record(string component, ObjectReference about, string type, string reason, string message) =>
        waiting.Writer.TryWrite(Describe(component, host, about, type, reason, message, DateTime.UtcNow));

    /// <summary>Writes what is recorded, until cancelled.</summary>
    public async Task Run(CancellationToken cancel)
    {
        try
        {
            await foreach (var item in waiting.Reader.ReadAllAsync(cancel)) await Send(item, cancel);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested) { }
    }

    public static ObjectReference Reference<T>(T about) where T : KubeObject => new()
    {
        Kind = Resource.Of<T>().Kind, ApiVersion = Resource.Of<T>().ApiVersion, Namespace = about.Metadata.Namespace, Name = about.Name,
        Uid = about.Metadata.Uid, ResourceVersion = about.Metadata.ResourceVersion,
    };

    /// <summary>The first event of its kind. Cluster-scoped objects have their events in namespace default.</summary>
    public static Event Describe(string component, string? host, ObjectReference about, string type, string reason, string message, DateTime now) => new()
    {
        Metadata = new ObjectMeta
        {
            Name = $"{about.Name}.{now.Ticks - DateTime.UnixEpoch.Ticks:x}{Random.Shared.Next(0x1000):x3}",
            Namespace = string.IsNullOrEmpty(about.Namespace) ? "default" : about.Namespace,
        },
        InvolvedObject = about, Type = type, Reason = reason, Message = message.Length <= LongestMessage ? message : message[..LongestMessage],
        Count = 1, FirstTimestamp = now, LastTimestamp = now,
        Source = new EventSource { Component = component, Host = host }, ReportingComponent = component, ReportingInstance = host,
    };

    private async Task Send(Event item, CancellationToken cancel)
    {
        if (correlator.Correlate(item, item.LastTimestamp ?? DateTime.UtcNow) is not var (identity, correlated)) return;
        while (true)
        {
            try
            {
                await Write(correlated, cancel);
                correlator.Wrote(identity, correlated);
                return;
            }
            catch (ApiException e) when (e.IsNotFound && correlator.Forget(identity))
            {
                correlated = item with { Message = correlated.Message }; // the first one has expired: a new one
            }
            catch (ApiException e)
            {
                log($"event {item.Reason} of {item.InvolvedObject.Kind} {item.InvolvedObject.Name} is lost: {e.Message}");
                return;
            }
            catch (JsonException e)
            {
                log($"event {item.Reason} of {item.InvolvedObject.Kind} {item.InvolvedObject.Name} may be lost: the answer was cut off: {e.Message}");
                return;
            }
            catch (Exception e) when (e is HttpRequestException or IOException) { await Task.Delay(Retry, cancel); }
        }
    }

    private Task Write(Event item, CancellationToken cancel) => item.Count == 1 ? client.Create(item, cancel)
        : client.MergePatch<Event>(item.Namespace, item.Name, new { count = item.Count, lastTimestamp = item.LastTimestamp, message = item.Message }, cancel);
}
