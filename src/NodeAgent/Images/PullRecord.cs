using NodeAgent.Kubelet;

namespace NodeAgent.Images;

/// <summary>
/// Whose credentials an image was pulled with (KEP-2535): a pod may use it without a pull only if it was free for all
/// or the pod has one of these Secrets. <c>STORE/pulled/HEX.json</c>; an image without one was put there by somebody
/// (imported, an extra store) and is for everybody. Names of Secrets, nothing of their content.
/// </summary>
/// <param name="Anyone">It was pulled without a pod's credentials.</param>
/// <param name="Secrets"><c>NAMESPACE/NAME/UID</c>, the latest last.</param>
/// <param name="At">When the latest pull ended.</param>
internal sealed record PullRecord(bool Anyone, IReadOnlyList<string> Secrets, DateTime At)
{
    /// <summary>More are forgotten, the oldest first; whoever has such a one pulls again.</summary>
    private const int Most = 100;

    private static readonly Lock Writing = new();

    /// <summary>Null for an image that nobody pulled.</summary>
    public static PullRecord? Read(string store, string digest) => StateFile.TryRead<PullRecord>(Place(store, digest));

    public static void Add(string store, string digest, RegistryCredential? credential)
    {
        lock (Writing)
        {
            var before = Read(store, digest) ?? new PullRecord(false, [], default);
            StateFile.Write(Place(store, digest), credential is null ? before with { Anyone = true, At = DateTime.UtcNow } : before with
            {
                Secrets = [.. before.Secrets.Where(secret => secret != credential.Secret).Append(credential.Secret).TakeLast(Most)], At = DateTime.UtcNow,
            });
        }
    }

    public static void Forget(string store, string digest)
    {
        if (File.Exists(Place(store, digest))) File.Delete(Place(store, digest));
    }

    public bool Allows(IEnumerable<RegistryCredential> credentials) => Anyone || credentials.Any(credential => Secrets.Contains(credential.Secret));

    private static string Place(string store, string digest) => Path.Combine(store, "pulled", $"{digest["sha256:".Length..]}.json");
}
