using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>Asks whether somebody may do something.</summary>
[ApiType("io.k8s.api.authorization.v1.SubjectAccessReview")]
[Kind("authorization.k8s.io", "v1", "SubjectAccessReview", "subjectaccessreviews", Namespaced = false)]
public sealed record SubjectAccessReview : KubeObject
{
    /// <summary>Who wants to do what; exactly one of resourceAttributes and nonResourceAttributes is set.</summary>
    [Field(2, Required = true)]
    public SubjectAccessReviewSpec Spec { get; init; } = new();

    /// <summary>The server's answer.</summary>
    [Field(3)]
    public SubjectAccessReviewStatus? Status { get; init; }
}

/// <summary>Asks whether somebody may do something in one namespace.</summary>
[ApiType("io.k8s.api.authorization.v1.LocalSubjectAccessReview")]
[Kind("authorization.k8s.io", "v1", "LocalSubjectAccessReview", "localsubjectaccessreviews")]
public sealed record LocalSubjectAccessReview : KubeObject
{
    /// <summary>Who wants to do what in the namespace of this review.</summary>
    [Field(2, Required = true)]
    public SubjectAccessReviewSpec Spec { get; init; } = new();

    /// <summary>The server's answer.</summary>
    [Field(3)]
    public SubjectAccessReviewStatus? Status { get; init; }
}

/// <summary>Asks whether the one who asks may do something.</summary>
[ApiType("io.k8s.api.authorization.v1.SelfSubjectAccessReview")]
[Kind("authorization.k8s.io", "v1", "SelfSubjectAccessReview", "selfsubjectaccessreviews", Namespaced = false)]
public sealed record SelfSubjectAccessReview : KubeObject
{
    /// <summary>What the asker wants to do; exactly one of resourceAttributes and nonResourceAttributes is set.</summary>
    [Field(2, Required = true)]
    public SelfSubjectAccessReviewSpec Spec { get; init; } = new();

    /// <summary>The server's answer.</summary>
    [Field(3)]
    public SubjectAccessReviewStatus? Status { get; init; }
}

/// <summary>Who, and what: an action on a resource, or on a path that is none.</summary>
[ApiType("io.k8s.api.authorization.v1.SubjectAccessReviewSpec")]
public sealed record SubjectAccessReviewSpec
{
    /// <summary>An action on a resource.</summary>
    [Field(1)]
    public ResourceAttributes? ResourceAttributes { get; init; }

    /// <summary>An action on a path that is no resource.</summary>
    [Field(2)]
    public NonResourceAttributes? NonResourceAttributes { get; init; }

    /// <summary>Name of the user that is asked about. Without groups it is no member of any.</summary>
    [Field(3)]
    public string? User { get; init; }

    /// <summary>Groups that the user is in.</summary>
    [Field(4, List = ListType.Atomic)]
    public IReadOnlyList<string>? Groups { get; init; }

    /// <summary>Whatever else is known of the user.</summary>
    [Field(5)]
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Extra { get; init; }

    /// <summary>Uid of the user.</summary>
    [Field(6)]
    public string? Uid { get; init; }
}

/// <summary>The action: on a resource, or on a path that is none.</summary>
[ApiType("io.k8s.api.authorization.v1.SelfSubjectAccessReviewSpec")]
public sealed record SelfSubjectAccessReviewSpec
{
    /// <summary>An action on a resource.</summary>
    [Field(1)]
    public ResourceAttributes? ResourceAttributes { get; init; }

    /// <summary>An action on a path that is no resource.</summary>
    [Field(2)]
    public NonResourceAttributes? NonResourceAttributes { get; init; }
}

/// <summary>A verb on a resource, or on one object of it.</summary>
[ApiType("io.k8s.api.authorization.v1.ResourceAttributes")]
public sealed record ResourceAttributes
{
    /// <summary>Namespace of the action; empty for all namespaces, or for kinds that have none.</summary>
    [Field(1)]
    public string? Namespace { get; init; }

    /// <summary>What is to be done: get, list, watch, create, update, patch, delete, deletecollection, or * for all.</summary>
    [Field(2)]
    public string? Verb { get; init; }

    /// <summary>Group of the resource; * for all.</summary>
    [Field(3)]
    public string? Group { get; init; }

    /// <summary>Version of the resource; * for all.</summary>
    [Field(4)]
    public string? Version { get; init; }

    /// <summary>Plural name of the resource, e.g. pods; * for all.</summary>
    [Field(5)]
    public string? Resource { get; init; }

    /// <summary>Part of the resource, e.g. log; empty for the resource itself.</summary>
    [Field(6)]
    public string? Subresource { get; init; }

    /// <summary>Name of the object; empty for all.</summary>
    [Field(7)]
    public string? Name { get; init; }

    /// <summary>Field selector of the request, by which the access may be limited.</summary>
    [Field(8)]
    public FieldSelectorAttributes? FieldSelector { get; init; }

    /// <summary>Label selector of the request, by which the access may be limited.</summary>
    [Field(9)]
    public LabelSelectorAttributes? LabelSelector { get; init; }
}

/// <summary>A verb on a path that is no resource.</summary>
[ApiType("io.k8s.api.authorization.v1.NonResourceAttributes")]
public sealed record NonResourceAttributes
{
    /// <summary>Path of the URL, e.g. /healthz.</summary>
    [Field(1)]
    public string? Path { get; init; }

    /// <summary>HTTP method in lower case, e.g. get.</summary>
    [Field(2)]
    public string? Verb { get; init; }
}

/// <summary>The field selector of a list that is asked about.</summary>
[ApiType("io.k8s.api.authorization.v1.FieldSelectorAttributes")]
public sealed record FieldSelectorAttributes
{
    /// <summary>The selector as text, as in a request. Not together with requirements.</summary>
    [Field(1)]
    public string? RawSelector { get; init; }

    /// <summary>The selector as conditions, which must all hold.</summary>
    [Field(2, List = ListType.Atomic)]
    public IReadOnlyList<FieldSelectorRequirement>? Requirements { get; init; }
}

/// <summary>One clause of a field selector.</summary>
[ApiType("io.k8s.apimachinery.pkg.apis.meta.v1.FieldSelectorRequirement")]
public sealed record FieldSelectorRequirement
{
    /// <summary>Path of the field.</summary>
    [Field(1, Required = true)]
    public string Key { get; init; } = "";

    /// <summary>How field and values are compared: In, NotIn, Exists or DoesNotExist.</summary>
    [Field(2, Required = true)]
    public string Operator { get; init; } = "";

    /// <summary>Values to compare with: at least one for In and NotIn, none for the others.</summary>
    [Field(3, List = ListType.Atomic)]
    public IReadOnlyList<string>? Values { get; init; }
}

/// <summary>The label selector of a list that is asked about.</summary>
[ApiType("io.k8s.api.authorization.v1.LabelSelectorAttributes")]
public sealed record LabelSelectorAttributes
{
    /// <summary>The selector as text, as in a request. Not together with requirements.</summary>
    [Field(1)]
    public string? RawSelector { get; init; }

    /// <summary>The selector as conditions, which must all hold.</summary>
    [Field(2, List = ListType.Atomic)]
    public IReadOnlyList<LabelSelectorRequirement>? Requirements { get; init; }
}

/// <summary>Whether the action is allowed, and why.</summary>
[ApiType("io.k8s.api.authorization.v1.SubjectAccessReviewStatus")]
public sealed record SubjectAccessReviewStatus
{
    /// <summary>True if the action is allowed.</summary>
    [Field(1, Required = true)]
    public bool Allowed { get; init; }

    /// <summary>Why it is allowed or refused.</summary>
    [Field(2)]
    public string? Reason { get; init; }

    /// <summary>What went wrong while deciding; the answer holds all the same.</summary>
    [Field(3)]
    public string? EvaluationError { get; init; }

    /// <summary>True if it is refused for good; false with allowed=false means that nobody allowed it.</summary>
    [Field(4)]
    public bool? Denied { get; init; }
}

/// <summary>Asks what the one who asks may do in a namespace.</summary>
[ApiType("io.k8s.api.authorization.v1.SelfSubjectRulesReview")]
[Kind("authorization.k8s.io", "v1", "SelfSubjectRulesReview", "selfsubjectrulesreviews", Namespaced = false)]
public sealed record SelfSubjectRulesReview : KubeObject
{
    /// <summary>Where the asker's rights are wanted.</summary>
    [Field(2, Required = true)]
    public SelfSubjectRulesReviewSpec Spec { get; init; } = new();

    /// <summary>The server's answer.</summary>
    [Field(3)]
    public SubjectRulesReviewStatus? Status { get; init; }
}

/// <summary>The namespace that is asked about.</summary>
[ApiType("io.k8s.api.authorization.v1.SelfSubjectRulesReviewSpec")]
public sealed record SelfSubjectRulesReviewSpec
{
    /// <summary>Namespace for which the rights are wanted.</summary>
    [Field(1)]
    public string? Namespace { get; init; }
}

/// <summary>The rules that apply, and whether the list is complete.</summary>
[ApiType("io.k8s.api.authorization.v1.SubjectRulesReviewStatus")]
public sealed record SubjectRulesReviewStatus
{
    /// <summary>What the asker may do with resources; the order means nothing.</summary>
    [Field(1, Required = true, List = ListType.Atomic)]
    public IReadOnlyList<ResourceRule> ResourceRules { get; init; } = [];

    /// <summary>What the asker may do on paths that are no resource; the order means nothing.</summary>
    [Field(2, Required = true, List = ListType.Atomic)]
    public IReadOnlyList<NonResourceRule> NonResourceRules { get; init; } = [];

    /// <summary>True if there may be more rights than are listed.</summary>
    [Field(3, Required = true)]
    public bool Incomplete { get; init; }

    /// <summary>What went wrong while collecting them.</summary>
    [Field(4)]
    public string? EvaluationError { get; init; }
}

/// <summary>Verbs that are allowed on resources.</summary>
[ApiType("io.k8s.api.authorization.v1.ResourceRule")]
public sealed record ResourceRule
{
    /// <summary>What may be done; * is everything.</summary>
    [Field(1, Required = true, List = ListType.Atomic)]
    public IReadOnlyList<string> Verbs { get; init; } = [];

    /// <summary>Groups of the resources; * is all.</summary>
    [Field(2, List = ListType.Atomic)]
    public IReadOnlyList<string>? ApiGroups { get; init; }

    /// <summary>Plural names of resources, or RESOURCE/SUBRESOURCE; * is all.</summary>
    [Field(3, List = ListType.Atomic)]
    public IReadOnlyList<string>? Resources { get; init; }

    /// <summary>Names of objects that the rule is limited to; absent means all.</summary>
    [Field(4, List = ListType.Atomic)]
    public IReadOnlyList<string>? ResourceNames { get; init; }
}

/// <summary>Verbs that are allowed on paths.</summary>
[ApiType("io.k8s.api.authorization.v1.NonResourceRule")]
public sealed record NonResourceRule
{
    /// <summary>HTTP methods in lower case; * is all.</summary>
    [Field(1, Required = true, List = ListType.Atomic)]
    public IReadOnlyList<string> Verbs { get; init; } = [];

    /// <summary>Paths; a * at the end stands for anything that follows.</summary>
    [Field(2, List = ListType.Atomic)]
    public IReadOnlyList<string>? NonResourceURLs { get; init; }
}
