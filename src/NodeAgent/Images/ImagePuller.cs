using System.Diagnostics;
using KubeApi.Objects;
using Linux;
using NodeAgent.Kubelet;
using Win32Exception = System.ComponentModel.Win32Exception;

namespace NodeAgent.Images;

/// <summary>No image to run; <see cref="Reason"/> is the container's waiting reason, e.g. <c>ErrImagePull</c>.</summary>
internal sealed class ImagePullException(string reason, string message) : Exception(message)
{
    public string Reason => reason;
}

/// <summary>
/// Gets a container its image as its imagePullPolicy and its pod's imagePullSecrets say, and tells of it in events with
/// the kubelet's words. Pulls are made by skopeo.
/// </summary>
/// <param name="authDirectory">On tmpfs: where credentials lie while skopeo needs them.</param>
internal sealed class ImagePuller(ImageStore store, PullSecrets secrets, KubeletEvents events, string authDirectory)
{
    private readonly RegistryReachability registries = new();
    private readonly PullBackOff backOff = new(() => DateTime.UtcNow);

    /// <summary>How many pulls at a time.</summary>
    public PullQueue Queue { get; init; } = new(5);

    /// <summary>Where certificates of registries lie.</summary>
    public string Certificates { get; init; } = RegistrySource.Certificates;

    /// <summary>What is asked for: a container's image, with its name parsed.</summary>
    private sealed record Request(Pod Pod, Container Container, ImageName Name, string Policy)
    {
        public string Image => Container.Image!;
        public string BackOffKey => $"{Pod.Metadata.Uid}_{Image}";
        public DateTime At { get; } = DateTime.UtcNow;
    }

    /// <exception cref="ImagePullException">With reason InvalidImageName, ErrImageNeverPull, ErrImagePull or ImagePullBackOff; events are recorded.</exception>
    public async Task<Image> Get(Pod pod, Container container, CancellationToken cancel)
    {
        try { return await Get(Parse(pod, container), cancel); }
        catch (ImagePullException e)
        {
            events.Record(pod, container, "Warning", "Failed", $"Error: {e.Reason}");
            throw;
        }
    }

    /// <summary>Asks beforehand whether the registries of the images at hand can be reached, so that the first pod need not wait for that.</summary>
    public async Task WarmUp(CancellationToken cancel)
    {
        try { await Task.WhenAll(store.Registries().Select(registry => registries.Problem(registry, cancel))); }
        catch (Exception e) when (e is IOException or InvalidDataException or OperationCanceledException) { } // whoever wants an image will hear of it
    }

    private Request Parse(Pod pod, Container container)
    {
        try { return new Request(pod, container, ImageName.Parse(container.Image ?? ""), container.ImagePullPolicy ?? "IfNotPresent"); }
        catch (FormatException e)
        {
            var message = $"Failed to apply default image tag \"{container.Image}\": {e.Message}";
            events.Record(pod, container, "Warning", "InspectFailed", message);
            throw new ImagePullException("InvalidImageName", message);
        }
    }

    private async Task<Image> Get(Request request, CancellationToken cancel)
    {
        var present = await Find(request, cancel);
        var mine = await Credentials(request, present, cancel);
        var allowed = present is not null && (present.Pulled?.Allows(mine) ?? true);
        if (allowed && request.Policy != "Always") return Present(request, present!);
        if (request.Policy == "Never") throw NeverPull(request, present);
        var preloaded = present is { Pulled: null } ? present : null;
        if (preloaded is not null && await registries.Problem(request.Name.Registry, cancel) is { } unreachable) return UsePreloaded(request, preloaded, unreachable);
        if (backOff.Standing(request.BackOffKey) is { } failure)
        {
            if (preloaded is not null) return UsePreloaded(request, preloaded, failure);
            events.Record(request.Pod, request.Container, "Normal", "BackOff", $"Back-off pulling image \"{request.Image}\"");
            throw new ImagePullException("ImagePullBackOff", $"Back-off pulling image \"{request.Image}\": ErrImagePull: {failure}");
        }
        return await Pull(request, preloaded, mine, cancel);
    }

    private async Task<Image?> Find(Request request, CancellationToken cancel)
    {
        try { return await store.Find(request.Name, cancel); }
        catch (Exception e) when (e is CommandException or InvalidDataException or IOException or UnauthorizedAccessException or Win32Exception)
        {
            throw Failed(request, $"failed to unpack image \"{request.Name}\": {e.Message}");
        }
    }

    /// <summary>Of a pod that needs none nothing is asked.</summary>
    private async Task<IReadOnlyList<RegistryCredential>> Credentials(Request request, Image? present, CancellationToken cancel)
    {
        if (present is { Pulled: null or { Anyone: true } } && request.Policy != "Always") return [];
        try
        {
            var (credentials, missing) = await secrets.For(request.Pod, request.Name, cancel);
            if (missing.Count > 0)
                events.Record(request.Pod, null, "Warning", "FailedToRetrieveImagePullSecret",
                    $"Unable to retrieve some image pull secrets ({string.Join(", ", missing)}); attempting to pull the image may not succeed.");
            return credentials;
        }
        catch (FormatException e) { throw Failed(request, e.Message); }
    }

    private Image Present(Request request, Image image)
    {
        events.Record(request.Pod, request.Container, "Normal", "Pulled", $"Container image \"{request.Image}\" already present on machine");
        return image;
    }

    private ImagePullException NeverPull(Request request, Image? present)
    {
        var message = present is null ? $"Container image \"{request.Image}\" is not present with pull policy of Never"
            : $"Container image \"{request.Image}\" is present, but was pulled with credentials that this pod does not have, and has pull policy of Never";
        events.Record(request.Pod, request.Container, "Warning", "ErrImageNeverPull", message);
        return new ImagePullException("ErrImageNeverPull", message);
    }

    /// <summary>
    /// A preloaded image with policy Always that cannot be pulled: the image at hand is what whoever loaded it wants to
    /// run. (The kubelet would fail; its nodes are not made to work without a network.)
    /// </summary>
    private Image UsePreloaded(Request request, Image present, string why)
    {
        events.Record(request.Pod, request.Container, "Normal", "Pulled",
            $"Container image \"{request.Image}\" already present on machine; pulling it, as imagePullPolicy Always asks, failed: {why}");
        return present;
    }

    private async Task<Image> Pull(Request request, Image? preloaded, IReadOnlyList<RegistryCredential> credentials, CancellationToken cancel)
    {
        events.Record(request.Pod, request.Container, "Normal", "Pulling", $"Pulling image \"{request.Image}\"");
        var waiting = Stopwatch.StartNew();
        try
        {
            var (image, took) = await Queue.Run(request.Name.ToString(), async () =>
            {
                var pulling = Stopwatch.StartNew();
                return (await PulledMeanwhile(request, credentials, cancel) ?? await Copy(request, credentials, cancel), pulling.Elapsed);
            }, cancel);
            backOff.Succeeded(request.BackOffKey);
            events.Record(request.Pod, request.Container, "Normal", "Pulled", $"Successfully pulled image \"{request.Image}\" in {PullWords.Duration(took)} "
                + $"({PullWords.Duration(waiting.Elapsed)} including waiting). Image size: {image.SizeBytes} bytes.");
            return image;
        }
        catch (ImagePullException e)
        {
            backOff.Failed(request.BackOffKey, e.Message);
            if (preloaded is not null) return UsePreloaded(request, preloaded, e.Message);
            throw Failed(request, e.Message);
        }
    }

    /// <summary>Another pod's pull that ended after this one was asked for is as good as an own one.</summary>
    private async Task<Image?> PulledMeanwhile(Request request, IReadOnlyList<RegistryCredential> credentials, CancellationToken cancel) =>
        await store.Find(request.Name, cancel) is { Pulled: { } pulled } image && pulled.At >= request.At && pulled.Allows(credentials) ? image : null;

    /// <summary>With each credential in turn; without one, as whoever root of this machine is to the registry.</summary>
    private async Task<Image> Copy(Request request, IReadOnlyList<RegistryCredential> credentials, CancellationToken cancel)
    {
        var failures = new List<string>();
        foreach (var credential in credentials.Count > 0 ? credentials : [null!])
        {
            try
            {
                using var source = new RegistrySource(request.Name, credential, authDirectory, Certificates);
                return await store.Pull(source.Source, request.Name, credential, cancel);
            }
            catch (Exception e) when (e is CommandException or Win32Exception or TimeoutException or InvalidDataException or IOException or UnauthorizedAccessException)
            {
                failures.Add(PullWords.Failure(request.Name, e));
            }
        }
        throw new ImagePullException("ErrImagePull", PullWords.All(failures));
    }

    private ImagePullException Failed(Request request, string message)
    {
        events.Record(request.Pod, request.Container, "Warning", "Failed", $"Failed to pull image \"{request.Image}\": {message}");
        return new ImagePullException("ErrImagePull", message);
    }
}
