using ControlPlane.Authentication;
using ControlPlane.Authorization;
using ControlPlane.Registry;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.ApiServer;

/// <summary>
/// POST of the reviews by which <c>kubectl auth can-i</c> and other servers ask what is allowed. They go the way of
/// every request: what is answered here is what would happen.
/// </summary>
internal sealed class AccessReviews(Authorizer authorizer)
{
    /// <exception cref="StatusException">The body is refused.</exception>
    public async Task Subject(ApiRequest request)
    {
        var review = await RequestBody.ReadObject<SubjectAccessReview>(request, typeof(SubjectAccessReview));
        var errors = new FieldErrors();
        CheckSubject(review.Spec, errors);
        CheckMetadata(review.Metadata, "must be empty", errors);
        var status = Decide(request, UserOf(review.Spec), review.Spec.ResourceAttributes, review.Spec.NonResourceAttributes, errors);
        await Answer.Json(request.Http, 201, review with { Status = status });
    }

    /// <exception cref="StatusException">The body is refused.</exception>
    public async Task LocalSubject(ApiRequest request)
    {
        var review = await RequestBody.ReadObject<LocalSubjectAccessReview>(request, typeof(LocalSubjectAccessReview));
        var errors = new FieldErrors();
        CheckSubject(review.Spec, errors);
        CheckMetadata(review.Metadata with { Namespace = null }, "must be empty except for namespace", errors);
        if (review.Spec.ResourceAttributes is { } asked && asked.Namespace != request.Namespace)
            errors.Invalid("spec.resourceAttributes.namespace", asked.Namespace ?? "", "must match metadata.namespace");
        if (review.Spec.NonResourceAttributes is { } path) errors.Invalid("spec.nonResourceAttributes", path, "disallowed on this kind of request");
        var status = Decide(request, UserOf(review.Spec), review.Spec.ResourceAttributes, review.Spec.NonResourceAttributes, errors);
        await Answer.Json(request.Http, 201, review with { Metadata = review.Metadata with { Namespace = request.Namespace }, Status = status });
    }

    /// <exception cref="StatusException">The body is refused.</exception>
    public async Task Self(ApiRequest request)
    {
        var review = await RequestBody.ReadObject<SelfSubjectAccessReview>(request, typeof(SelfSubjectAccessReview));
        var errors = new FieldErrors();
        CheckMetadata(review.Metadata, "must be empty", errors);
        var status = Decide(request, request.User, review.Spec.ResourceAttributes, review.Spec.NonResourceAttributes, errors);
        await Answer.Json(request.Http, 201, review with { Status = status });
    }

    /// <exception cref="StatusException">The body is refused.</exception>
    public async Task SelfRules(ApiRequest request)
    {
        var review = await RequestBody.ReadObject<SelfSubjectRulesReview>(request, typeof(SelfSubjectRulesReview));
        if (string.IsNullOrEmpty(review.Spec.Namespace)) throw StatusException.BadRequest("no namespace on request");
        var (rules, error) = authorizer.RulesFor(request.User, review.Spec.Namespace);
        await Answer.Json(request.Http, 201, review with
        {
            Status = new SubjectRulesReviewStatus
            {
                ResourceRules = rules.Where(rule => rule.Resources is { Count: > 0 })
                    .Select(rule => new ResourceRule { Verbs = rule.Verbs, ApiGroups = rule.ApiGroups, Resources = rule.Resources, ResourceNames = rule.ResourceNames }).ToList(),
                NonResourceRules = rules.Where(rule => rule.NonResourceURLs is { Count: > 0 })
                    .Select(rule => new NonResourceRule { Verbs = rule.Verbs, NonResourceURLs = rule.NonResourceURLs }).ToList(),
                Incomplete = error.Length > 0, EvaluationError = error.Length > 0 ? error : null,
            },
        });
    }

    private SubjectAccessReviewStatus Decide(ApiRequest request, User user, ResourceAttributes? resource, NonResourceAttributes? path, FieldErrors errors)
    {
        if (resource is not null && path is not null)
            errors.Invalid("spec.nonResourceAttributes", path, "cannot be specified in combination with resourceAttributes");
        if (resource is null && path is null)
            errors.Add("FieldValueInvalid", "spec.resourceAttributes", "Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified");
        if (resource?.FieldSelector is { } fields) SelectorReview.Validate(fields, "spec.resourceAttributes.fieldSelector", errors);
        if (resource?.LabelSelector is { } labels) SelectorReview.Validate(labels, "spec.resourceAttributes.labelSelector", errors);
        if (errors.Any) throw StatusException.Invalid(request.Resource, "", errors.Causes);
        var access = resource is null ? new AccessRequest(user, path!.Verb ?? "") { Path = path.Path ?? "" } : OfResource(user, resource);
        var decision = authorizer.Authorize(access);
        return new SubjectAccessReviewStatus { Allowed = decision.Allowed, Reason = decision.Reason.Length > 0 ? decision.Reason : null };
    }

    private static AccessRequest OfResource(User user, ResourceAttributes asked) => new(user, asked.Verb ?? "")
    {
        Group = asked.Group ?? "", Version = asked.Version ?? "", Resource = asked.Resource ?? "", Subresource = asked.Subresource ?? "",
        Namespace = asked.Namespace ?? "", Name = asked.Name ?? "", Fields = FieldsOf(asked.FieldSelector),
    };

    /// <summary>What cannot be read counts as no selector, which allows less.</summary>
    private static FieldSelector FieldsOf(FieldSelectorAttributes? asked)
    {
        var text = asked?.RawSelector ?? string.Join(',', (asked?.Requirements ?? [])
            .Where(requirement => requirement is { Operator: "In", Values.Count: 1 }).Select(requirement => $"{requirement.Key}={requirement.Values![0]}"));
        try { return FieldSelector.Parse(text); }
        catch (FormatException) { return FieldSelector.Everything; }
    }

    private static void CheckSubject(SubjectAccessReviewSpec spec, FieldErrors errors)
    {
        if (string.IsNullOrEmpty(spec.User) && spec.Groups is not { Count: > 0 }) errors.Invalid("spec.user", spec.User ?? "", "at least one of user or group must be specified");
    }

    private static void CheckMetadata(ObjectMeta metadata, string rule, FieldErrors errors)
    {
        var given = metadata with { ManagedFields = null };
        if (KubeJson.Serialize(given) is not [(byte)'{', (byte)'}']) errors.Invalid("metadata", given, rule);
    }

    private static User UserOf(SubjectAccessReviewSpec spec) => new(spec.User ?? "", spec.Groups ?? []) { Uid = spec.Uid ?? "" };
}
