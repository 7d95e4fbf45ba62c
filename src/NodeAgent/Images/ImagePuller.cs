using System.Collections.Concurrent;
using System.ComponentModel;
using Linux;

namespace NodeAgent.Images;

/// <summary>No image to run; <see cref="Reason"/> is the container's waiting reason, e.g. <c>ErrImagePull</c>.</summary>
internal sealed class ImagePullException(string reason, string message) : Exception(message)
{
    public string Reason => reason;
}

/// <summary>An image to run, and in one line how it was come by, for an event.</summary>
internal sealed record PulledImage(Image Image, string Message);

/// <summary>
/// Applies a container's imagePullPolicy. Pulls are made by skopeo, one at a time for each image. A failed pull is not
/// tried again before its back-off is over: 10 s, doubling to 5 min, as in the kubelet.
/// </summary>
internal sealed class ImagePuller(ImageStore store)
{
    private static readonly TimeSpan FirstBackOff = TimeSpan.FromSeconds(10), LongestBackOff = TimeSpan.FromMinutes(5);

    /// <summary>A registry that answers at all does so in this time; a large image may then take much longer.</summary>
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(5), PullTimeout = TimeSpan.FromMinutes(10);

    private readonly RegistryReachability registries = new();
    private readonly ConcurrentDictionary<string, Failure> failures = new();
    private readonly ConcurrentDictionary<string, SemaphoreSlim> pulling = new();

    private sealed record Failure(DateTime Until, TimeSpan Delay, string Message);

    /// <param name="policy">Always, IfNotPresent or Never.</param>
    /// <exception cref="ImagePullException">With reason InvalidImageName, ErrImageNeverPull, ErrImagePull or ImagePullBackOff.</exception>
    public async Task<PulledImage> Get(string image, string policy, CancellationToken cancel)
    {
        ImageName name;
        try { name = ImageName.Parse(image); }
        catch (FormatException e) { throw new ImagePullException("InvalidImageName", $"Failed to apply default image tag \"{image}\": {e.Message}"); }
        try { return await Get(name, image, policy, cancel); }
        catch (Exception e) when (e is CommandException or InvalidDataException or IOException or Win32Exception)
        {
            throw new ImagePullException("ErrImagePull", $"failed to unpack image \"{image}\": {e.Message}");
        }
    }

    /// <summary>When a failed image may be tried again; null when nothing stands against it.</summary>
    public DateTime? BackOffUntil(string image) => failures.TryGetValue(image, out var failure) ? failure.Until : null;

    /// <summary>Asks beforehand whether the registries of the images at hand can be reached, so that the first pod need not wait for that.</summary>
    public async Task WarmUp(CancellationToken cancel)
    {
        try { await Task.WhenAll(store.Registries().Select(registry => registries.Problem(registry, cancel))); }
        catch (Exception e) when (e is IOException or InvalidDataException or OperationCanceledException) { } // whoever wants an image will hear of it
    }

    private async Task<PulledImage> Get(ImageName name, string image, string policy, CancellationToken cancel)
    {
        var present = await store.Find(name, cancel);
        if (present is not null && policy != "Always")
            return new PulledImage(present, $"Container image \"{image}\" already present on machine");
        if (policy == "Never")
            throw new ImagePullException("ErrImageNeverPull", $"Container image \"{image}\" is not present with pull policy of Never");
        if (present is not null && await registries.Problem(name.Registry, cancel) is { } unreachable) return UsePresent(present, image, unreachable);
        if (failures.TryGetValue(image, out var failure) && DateTime.UtcNow < failure.Until)
            return present is not null ? UsePresent(present, image, failure.Message)
                : throw new ImagePullException("ImagePullBackOff", $"Back-off pulling image \"{image}\": {failure.Message}");
        var turn = pulling.GetOrAdd(image, _ => new SemaphoreSlim(1));
        await turn.WaitAsync(cancel);
        try { return await Pull(name, image, present, cancel); }
        finally { turn.Release(); }
    }

    private async Task<PulledImage> Pull(ImageName name, string image, Image? present, CancellationToken cancel)
    {
        if (present is null && await store.Find(name, cancel) is { } meanwhile)
            return new PulledImage(meanwhile, $"Container image \"{image}\" already present on machine");
        var clock = System.Diagnostics.Stopwatch.StartNew();
        try
        {
            await AskRegistry(name, cancel);
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            timeout.CancelAfter(PullTimeout);
            var pulled = await store.Import($"docker://{name}", name, timeout.Token);
            failures.TryRemove(image, out _);
            return new PulledImage(pulled, $"Successfully pulled image \"{image}\" in {clock.ElapsedMilliseconds}ms");
        }
        catch (Exception e) when (e is CommandException or Win32Exception or OperationCanceledException && !cancel.IsCancellationRequested)
        {
            var message = e is OperationCanceledException ? $"no answer from registry {name.Registry} in time" : Words(e);
            Remember(image, message);
            return present is not null ? UsePresent(present, image, message)
                : throw new ImagePullException("ErrImagePull", $"failed to pull image \"{image}\": {message}");
        }
    }

    /// <summary>
    /// A preloaded image with policy Always, and no registry to ask: the image at hand is what whoever loaded it
    /// wants to run. (The kubelet would fail; its nodes are not made to work without a network.)
    /// </summary>
    private static PulledImage UsePresent(Image present, string image, string why) =>
        new(present, $"Container image \"{image}\" already present on machine; pulling it, as imagePullPolicy Always asks, failed: {why}");

    private static async Task AskRegistry(ImageName name, CancellationToken cancel)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        timeout.CancelAfter(AnswerTimeout);
        await CommandRunner.Run("skopeo", ["inspect", "--raw", $"docker://{name}"], cancel: timeout.Token);
    }

    private void Remember(string image, string message) => failures.AddOrUpdate(image,
        _ => new Failure(DateTime.UtcNow + FirstBackOff, FirstBackOff, message),
        (_, last) =>
        {
            var delay = last.Delay * 2 < LongestBackOff ? last.Delay * 2 : LongestBackOff;
            return new Failure(DateTime.UtcNow + delay, delay, message);
        });

    /// <summary>skopeo's last words, without the log decoration.</summary>
    private static string Words(Exception e) =>
        e is CommandException { Result.Error: var error } && error.IndexOf("msg=", StringComparison.Ordinal) is >= 0 and var at
            ? error[(at + 4)..].Trim().Trim('"').Replace("\\\"", "\"") : e.Message;
}
