using ControlPlane.Authorization;
using ControlPlane.Certificates;
using ControlPlane.Registry;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Controllers.Certificates;

/// <summary>
/// Approves what nodes ask for, where the one who asks may have it without a person's word (Kubernetes' csrapproving), and
/// denies one who joins the name of a node that is alive. What it does not know it leaves to people.
/// </summary>
internal sealed class CertificateApprover(ApiClient client, SharedInformers informers, Action<string> log) : Controller("csrapproving", log)
{
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(2), NodeIsAwaited = TimeSpan.FromMinutes(10);

    public override void Watch()
    {
        _ = (informers.Nodes, informers.Services, informers.Endpoints, informers.Secrets); // what is asked below
        informers.Of<CertificateSigningRequest>().Changed += (_, updated) =>
        {
            if (updated is not null && IsOpen(updated)) Queue.Add(updated.Key);
        };
    }

    protected override async Task Reconcile(string key, CancellationToken cancel)
    {
        if (informers.Of<CertificateSigningRequest>().Get(key) is not { } request || !IsOpen(request)) return;
        var asked = SigningRequest.Parse(request.Spec.Request); // was checked when it was created
        if (Signers.Refusal(request.Spec.SignerName, asked, request.Spec.Usages ?? []) is not null) return;
        var self = request.Spec.Username == asked.CommonName && request.Spec.Groups?.Contains(Authentication.User.Nodes) == true;
        if (request.Spec.SignerName == Signers.KubeletClient) await Client(request, asked, self, cancel);
        else if (request.Spec.SignerName == Signers.KubeletServing && self) await Serving(request, asked, cancel);
    }

    private async Task Client(CertificateSigningRequest request, SigningRequest asked, bool self, CancellationToken cancel)
    {
        if (self && await May(request, DefaultRoles.SelfNodeClient, cancel)) await Approve(request, "Auto approving self kubelet client certificate after SubjectAccessReview.", cancel);
        else if (!await May(request, DefaultRoles.NodeClient, cancel)) return;
        else if (NodeNameClaim.Refusal(NodeName(asked), informers.Nodes.Get(NodeName(asked))) is { } taken)
            await Decide(request, "Denied", "NodeNameTaken", taken, cancel);
        else if (await new SingleUseToken(client, informers.Secrets).Claim(request, NodeName(asked), cancel) is { } used) await Decide(request, "Denied", "TokenUsed", used, cancel);
        else await Approve(request, "Auto approving kubelet client certificate after SubjectAccessReview.", cancel);
    }

    /// <summary>A node's addresses may follow its request by a moment.</summary>
    private async Task Serving(CertificateSigningRequest request, SigningRequest asked, CancellationToken cancel)
    {
        if (!await May(request, DefaultRoles.SelfNodeServer, cancel)) return;
        var refusal = ServingNames.Refusal(asked, informers.Nodes.Get(NodeName(asked)), informers.Nodes.Items, informers.Services.Items, informers.Endpoints.Get("default/kubernetes"));
        if (refusal is null) await Approve(request, "Auto approving kubelet serving certificate: its names and addresses are those of the node.", cancel);
        else if (DateTime.UtcNow - request.Metadata.CreationTimestamp < NodeIsAwaited) Queue.AddAfter(request.Key, Again);
        else Log($"{Name}: {request.Name} is left to people: {refusal}");
    }

    private static bool IsOpen(CertificateSigningRequest request) =>
        !request.Has("Approved") && !request.Has("Denied") && request.Status?.Certificate is not { Length: > 0 } && request.Spec.SignerName is Signers.KubeletClient or Signers.KubeletServing;

    private static string NodeName(SigningRequest asked) => asked.CommonName[Authentication.User.NodePrefix.Length..];

    private async Task<bool> May(CertificateSigningRequest request, string permission, CancellationToken cancel)
    {
        var review = await client.Create(new SubjectAccessReview
        {
            Spec = new SubjectAccessReviewSpec
            {
                User = request.Spec.Username, Uid = request.Spec.Uid, Groups = request.Spec.Groups, Extra = request.Spec.Extra,
                ResourceAttributes = new ResourceAttributes { Group = "certificates.k8s.io", Resource = "certificatesigningrequests", Verb = "create", Subresource = permission, Version = "*" },
            },
        }, cancel);
        return review.Status?.Allowed == true;
    }

    private Task Approve(CertificateSigningRequest request, string message, CancellationToken cancel) => Decide(request, "Approved", "AutoApproved", message, cancel);

    private async Task Decide(CertificateSigningRequest request, string type, string reason, string message, CancellationToken cancel)
    {
        var condition = new CertificateSigningRequestCondition { Type = type, Status = "True", Reason = reason, Message = message };
        var status = request.Status ?? new CertificateSigningRequestStatus();
        try { await client.UpdateSubresource(request with { Status = status with { Conditions = [.. status.Conditions ?? [], condition] } }, CertificateSigningRequestRegistry.Approval, cancel); }
        catch (ApiException e) when (e.IsConflict || e.IsNotFound) { } // it changed, and comes again with the change
    }
}
