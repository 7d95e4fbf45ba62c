using ControlPlane.Authentication;
using ControlPlane.Certificates;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Authorization;

/// <summary>
/// What a node may write, where the object itself must be seen to tell (admission plugin NodeRestriction). Every method
/// answers null, or why the write is refused. Pure functions.
/// </summary>
internal static class NodeRestriction
{
    /// <summary>Marks a pod that stands for one that the node made by itself.</summary>
    public const string MirrorAnnotation = PodReferences.MirrorAnnotation;

    public static string? Create(string node, KubeObject obj) => obj switch
    {
        Node created => CreateNode(node, created),
        Pod pod => CreatePod(node, pod),
        Lease lease => lease.Name == node ? null : "can only access leases with the same name as the requesting node",
        CertificateSigningRequest request => CreateSigningRequest(node, request),
        _ => null,
    };

    /// <param name="subresource">Empty for the object itself.</param>
    public static string? Update(string node, string subresource, KubeObject old, KubeObject updated) => updated switch
    {
        Node changed => UpdateNode(node, (Node)old, changed),
        Pod pod when subresource == "status" => ((Pod)old).Spec?.NodeName == node ? null : $"node \"{node}\" can only update pod status for pods with spec.nodeName set to itself",
        Pod => $"unexpected operation \"UPDATE\"",
        Lease lease => lease.Name == node ? null : "can only access leases with the same name as the requesting node",
        _ => null,
    };

    /// <param name="subresource"><c>eviction</c> where the pod is not deleted directly.</param>
    public static string? Delete(string node, string subresource, KubeObject obj) => obj switch
    {
        Pod pod when pod.Spec?.NodeName != node => subresource == "eviction"
            ? $"node {node} can only evict pods with spec.nodeName set to itself" : $"node \"{node}\" can only delete pods with spec.nodeName set to itself",
        _ => null,
    };

    private static string? CreateSigningRequest(string node, CertificateSigningRequest request)
    {
        if (request.Spec.SignerName is not (Signers.KubeletClient or Signers.KubeletServing)) return null;
        try { return SigningRequest.Parse(request.Spec.Request).CommonName is var name && name == User.NodePrefix + node ? null : $"can only create a node CSR with CN={User.NodePrefix}{node}"; }
        catch (FormatException e) { return $"unable to parse csr: {e.Message}"; }
    }

    private static string? CreateNode(string node, Node created)
    {
        if (created.Name != node) return $"node \"{node}\" is not allowed to modify node \"{created.Name}\"";
        if (NodeLabels.Refused(null, created.Metadata.Labels) is { Count: > 0 } labels)
            return $"node \"{node}\" is not allowed to set the following labels: {string.Join(", ", labels)}";
        return created.Metadata.OwnerReferences is { Count: > 0 } ? $"node \"{node}\" is not allowed to set ownerReferences" : null;
    }

    private static string? UpdateNode(string node, Node old, Node updated)
    {
        if (updated.Name != node) return $"node \"{node}\" is not allowed to modify node \"{updated.Name}\"";
        if (!(old.Spec?.Taints ?? []).SequenceEqual(updated.Spec?.Taints ?? [])) return $"node \"{node}\" is not allowed to modify taints";
        if (!(old.Metadata.OwnerReferences ?? []).SequenceEqual(updated.Metadata.OwnerReferences ?? [])) return $"node \"{node}\" is not allowed to modify ownerReferences";
        return NodeLabels.Refused(old.Metadata.Labels, updated.Metadata.Labels) is { Count: > 0 } labels
            ? $"is not allowed to modify labels: {string.Join(", ", labels)}" : null;
    }

    private static string? CreatePod(string node, Pod pod)
    {
        if (pod.Metadata.Annotations?.ContainsKey(MirrorAnnotation) != true)
            return $"pod does not have \"{MirrorAnnotation}\" annotation, node \"{node}\" can only create mirror pods";
        if (pod.Spec?.NodeName != node) return $"node \"{node}\" can only create pods with spec.nodeName set to itself";
        var owners = pod.Metadata.OwnerReferences ?? [];
        if (owners.Count > 1) return $"node \"{node}\" can only create pods with a single owner reference set to itself";
        if (owners is [var owner] && (owner is not { Kind: "Node", ApiVersion: "v1" } || owner.Name != node || owner.Controller != true))
            return $"node \"{node}\" can only create pods with an owner reference set to itself";
        return Reference(node, pod.Spec);
    }

    /// <summary>A mirror pod that refers to something would let the node read it.</summary>
    private static string? Reference(string node, PodSpec spec)
    {
        if (!string.IsNullOrEmpty(spec.ServiceAccountName)) return $"node \"{node}\" can not create pods that reference a service account";
        var unmarked = PodReferences.Of(new Pod { Spec = spec }).Select(reference => reference.Resource).ToHashSet();
        return unmarked.Contains("secrets") ? $"node \"{node}\" can not create pods that reference secrets"
            : unmarked.Contains("configmaps") ? $"node \"{node}\" can not create pods that reference configmaps"
            : unmarked.Contains("persistentvolumeclaims") ? $"node \"{node}\" can not create pods that reference persistentvolumeclaims" : null;
    }
}
