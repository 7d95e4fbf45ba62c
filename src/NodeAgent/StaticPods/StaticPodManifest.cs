using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using KubeApi;
using KubeApi.Defaults;
using KubeApi.Objects;

namespace NodeAgent.StaticPods;

/// <summary>A file that makes a pod of this node (kubelet, pkg/kubelet/config).</summary>
internal static partial class StaticPodManifest
{
    public const string HashAnnotation = "kubernetes.io/config.hash", SourceAnnotation = "kubernetes.io/config.source";

    /// <param name="path">Part of the uid: the same pod in another file is another pod.</param>
    /// <exception cref="FormatException">It makes no pod; the message says why, in the kubelet's words where it has some.</exception>
    public static Pod Read(string path, byte[] content, string node)
    {
        var pod = Parse(content);
        pod = pod with
        {
            ApiVersion = "v1", Kind = "Pod", Status = null,
            Metadata = new ObjectMeta
            {
                Name = pod.Metadata?.Name, Namespace = pod.Metadata?.Namespace is { Length: > 0 } ns ? ns : "default",
                Labels = pod.Metadata?.Labels, Annotations = pod.Metadata?.Annotations,
            },
        };
        Check(pod, node);
        var uid = Hash(pod, path, node);
        return pod with
        {
            Spec = Default(pod, node).Spec,
            Status = new PodStatus { Phase = "Pending", QosClass = PodDefaults.QosClass(PodDefaults.Apply(pod).Spec!) },
            Metadata = pod.Metadata with
            {
                Name = $"{pod.Metadata.Name}-{node.ToLowerInvariant()}", Uid = uid,
                Annotations = new Dictionary<string, string>(pod.Metadata.Annotations ?? new Dictionary<string, string>())
                {
                    [HashAnnotation] = uid, [SourceAnnotation] = "file",
                },
            },
        };
    }

    /// <summary>Static pods' uids are hashes, those of the API's pods have dashes.</summary>
    public static bool IsStatic(string uid) => uid.Length == 32 && !uid.Contains('-');

    public static bool IsStatic(Pod pod) => pod.Metadata.Uid is { } uid && IsStatic(uid);

    private static Pod Parse(byte[] content)
    {
        try
        {
            var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(content);
            var tree = YamlJson.Parse(text) ?? throw new FormatException("the file is empty");
            if ((string?)tree["kind"] is var kind && kind != "Pod" || (string?)tree["apiVersion"] != "v1")
                throw new FormatException($"invalid pod: apiVersion {(string?)tree["apiVersion"] ?? "none"}, kind {(string?)tree["kind"] ?? "none"}; v1 and Pod are expected");
            return KubeJson.Deserialize<Pod>(JsonSerializer.SerializeToUtf8Bytes(tree));
        }
        catch (Exception e) when (e is JsonException or DecoderFallbackException or InvalidOperationException or NotSupportedException or ArgumentException)
        {
            throw new FormatException(e.Message);
        }
    }

    private static void Check(Pod pod, string node)
    {
        if (pod.Metadata.Name is not { Length: > 0 } name) throw new FormatException("metadata.name: Required value: name or generateName is required");
        if ($"{name}-{node}" is var full && (full.Length > 253 || !Subdomain().IsMatch(full.ToLowerInvariant()) || name != name.ToLowerInvariant()))
            throw new FormatException($"metadata.name: Invalid value: \"{name}\": a lowercase RFC 1123 subdomain is expected");
        if (!Label().IsMatch(pod.Metadata.Namespace!) || pod.Metadata.Namespace!.Length > 63)
            throw new FormatException($"metadata.namespace: Invalid value: \"{pod.Metadata.Namespace}\": a lowercase RFC 1123 label is expected");
        if (pod.Spec?.Containers is not { Count: > 0 } containers) throw new FormatException("spec.containers: Required value");
        var seen = new HashSet<string>();
        foreach (var container in containers.Concat(pod.Spec.InitContainers ?? []))
        {
            if (container.Name is not { Length: > 0 and <= 63 } own || !Label().IsMatch(own)) throw new FormatException($"spec.containers: Invalid value: \"{container.Name}\": a lowercase RFC 1123 label is expected as name");
            if (!seen.Add(own)) throw new FormatException($"spec.containers: Duplicate value: \"{own}\"");
            if (string.IsNullOrEmpty(container.Image)) throw new FormatException($"container {own}: image: Required value");
        }
        if (MirrorPod.Is(pod)) throw new FormatException($"metadata.annotations[{PodReferences.MirrorAnnotation}]: it is for the node to set: the file makes no mirror pod");
        if (pod.Spec.EphemeralContainers is { Count: > 0 }) throw new FormatException("static pods may not have ephemeral containers");
        if (PodReferences.Of(pod).FirstOrDefault() is { Resource: { } resource }) throw new FormatException($"static pods may not reference {resource}");
    }

    /// <summary>A static pod stays where it is, whatever the state of its node: it tolerates every taint that would end it.</summary>
    private static Pod Default(Pod pod, string node)
    {
        var spec = pod.Spec! with { NodeName = node, Tolerations = [.. pod.Spec.Tolerations ?? [], new Toleration { Operator = "Exists", Effect = "NoExecute" }] };
        return PodDefaults.Apply(pod with { Spec = spec });
    }

    private static string Hash(Pod pod, string path, string node) =>
        Convert.ToHexStringLower(MD5.HashData([.. KubeJson.Serialize(pod), .. Encoding.UTF8.GetBytes($"host:{node}file:{path}")])); // a name, not a secret: as long as the kubelet's

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z")]
    private static partial Regex Subdomain();

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?\z")]
    private static partial Regex Label();
}
