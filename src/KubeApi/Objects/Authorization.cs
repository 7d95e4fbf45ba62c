using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>Asks whether somebody may do something.</summary>
[ApiType("io.k8s.api.authorization.v1.SubjectAccessReview")]
[Kind("authorization.k8s.io", "v1", "SubjectAccessReview", "subjectaccessreviews", Namespaced = false)]
public sealed record SubjectAccessReview : KubeObject
{
    [Field(2, Required = true)]
    public SubjectAccessReviewSpec Spec { get; init; } = new();

    [Field(3)]
    public SubjectAccessReviewStatus? Status { get; init; }
}

/// <summary>Asks whether somebody may do something in one namespace.</summary>
[ApiType("io.k8s.api.authorization.v1.LocalSubjectAccessReview")]
[Kind("authorization.k8s.io", "v1", "LocalSubjectAccessReview", "localsubjectaccessreviews")]
public sealed record LocalSubjectAccessReview : KubeObject
{
    [Field(2, Required = true)]
    public SubjectAccessReviewSpec Spec { get; init; } = new();

    [Field(3)]
    public SubjectAccessReviewStatus? Status { get; init; }
}

/// <summary>Asks whether the one who asks may do something.</summary>
[ApiType("io.k8s.api.authorization.v1.SelfSubjectAccessReview")]
[Kind("authorization.k8s.io", "v1", "SelfSubjectAccessReview", "selfsubjectaccessreviews", Namespaced = false)]
public sealed record SelfSubjectAccessReview : KubeObject
{
    [Field(2, Required = true)]
    public SelfSubjectAccessReviewSpec Spec { get; init; } = new();

    [Field(3)]
    public SubjectAccessReviewStatus? Status { get; init; }
}

/// <summary>Who, and what: an action on a resource, or on a path that is none.</summary>
[ApiType("io.k8s.api.authorization.v1.SubjectAccessReviewSpec")]
public sealed record SubjectAccessReviewSpec
{
    [Field(1)]
    public ResourceAttributes? ResourceAttributes { get; init; }

    [Field(2)]
    public NonResourceAttributes? NonResourceAttributes { get; init; }

    [Field(3)]
    public string? User { get; init; }

    [Field(4, List = ListType.Atomic)]
    public IReadOnlyList<string>? Groups { get; init; }

    [Field(5)]
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Extra { get; init; }

    [Field(6)]
    public string? Uid { get; init; }
}

/// <summary>The action: on a resource, or on a path that is none.</summary>
[ApiType("io.k8s.api.authorization.v1.SelfSubjectAccessReviewSpec")]
public sealed record SelfSubjectAccessReviewSpec
{
    [Field(1)]
    public ResourceAttributes? ResourceAttributes { get; init; }

    [Field(2)]
    public NonResourceAttributes? NonResourceAttributes { get; init; }
}

/// <summary>A verb on a resource, or on one object of it.</summary>
[ApiType("io.k8s.api.authorization.v1.ResourceAttributes")]
public sealed record ResourceAttributes
{
    [Field(1)]
    public string? Namespace { get; init; }

    [Field(2)]
    public string? Verb { get; init; }

    [Field(3)]
    public string? Group { get; init; }

    [Field(4)]
    public string? Version { get; init; }

    [Field(5)]
    public string? Resource { get; init; }

    [Field(6)]
    public string? Subresource { get; init; }

    [Field(7)]
    public string? Name { get; init; }

    [Field(8)]
    public FieldSelectorAttributes? FieldSelector { get; init; }

    [Field(9)]
    public LabelSelectorAttributes? LabelSelector { get; init; }
}

/// <summary>A verb on a path that is no resource.</summary>
[ApiType("io.k8s.api.authorization.v1.NonResourceAttributes")]
public sealed record NonResourceAttributes
{
    [Field(1)]
    public string? Path { get; init; }

    [Field(2)]
    public string? Verb { get; init; }
}

/// <summary>The field selector of a list that is asked about.</summary>
[ApiType("io.k8s.api.authorization.v1.FieldSelectorAttributes")]
public sealed record FieldSelectorAttributes
{
    [Field(1)]
    public string? RawSelector { get; init; }

    [Field(2, List = ListType.Atomic)]
    public IReadOnlyList<FieldSelectorRequirement>? Requirements { get; init; }
}

/// <summary>One clause of a field selector.</summary>
[ApiType("io.k8s.apimachinery.pkg.apis.meta.v1.FieldSelectorRequirement")]
public sealed record FieldSelectorRequirement
{
    [Field(1, Required = true)]
    public string Key { get; init; } = "";

    [Field(2, Required = true)]
    public string Operator { get; init; } = "";

    [Field(3, List = ListType.Atomic)]
    public IReadOnlyList<string>? Values { get; init; }
}

/// <summary>The label selector of a list that is asked about.</summary>
[ApiType("io.k8s.api.authorization.v1.LabelSelectorAttributes")]
public sealed record LabelSelectorAttributes
{
    [Field(1)]
    public string? RawSelector { get; init; }

    [Field(2, List = ListType.Atomic)]
    public IReadOnlyList<LabelSelectorRequirement>? Requirements { get; init; }
}

/// <summary>Whether the action is allowed, and why.</summary>
[ApiType("io.k8s.api.authorization.v1.SubjectAccessReviewStatus")]
public sealed record SubjectAccessReviewStatus
{
    [Field(1, Required = true)]
    public bool Allowed { get; init; }

    [Field(2)]
    public string? Reason { get; init; }

    [Field(3)]
    public string? EvaluationError { get; init; }

    [Field(4)]
    public bool? Denied { get; init; }
}

/// <summary>Asks what the one who asks may do in a namespace.</summary>
[ApiType("io.k8s.api.authorization.v1.SelfSubjectRulesReview")]
[Kind("authorization.k8s.io", "v1", "SelfSubjectRulesReview", "selfsubjectrulesreviews", Namespaced = false)]
public sealed record SelfSubjectRulesReview : KubeObject
{
    [Field(2, Required = true)]
    public SelfSubjectRulesReviewSpec Spec { get; init; } = new();

    [Field(3)]
    public SubjectRulesReviewStatus? Status { get; init; }
}

/// <summary>The namespace that is asked about.</summary>
[ApiType("io.k8s.api.authorization.v1.SelfSubjectRulesReviewSpec")]
public sealed record SelfSubjectRulesReviewSpec
{
    [Field(1)]
    public string? Namespace { get; init; }
}

/// <summary>The rules that apply, and whether the list is complete.</summary>
[ApiType("io.k8s.api.authorization.v1.SubjectRulesReviewStatus")]
public sealed record SubjectRulesReviewStatus
{
    [Field(1, Required = true, List = ListType.Atomic)]
    public IReadOnlyList<ResourceRule> ResourceRules { get; init; } = [];

    [Field(2, Required = true, List = ListType.Atomic)]
    public IReadOnlyList<NonResourceRule> NonResourceRules { get; init; } = [];

    [Field(3, Required = true)]
    public bool Incomplete { get; init; }

    [Field(4)]
    public string? EvaluationError { get; init; }
}

/// <summary>Verbs that are allowed on resources.</summary>
[ApiType("io.k8s.api.authorization.v1.ResourceRule")]
public sealed record ResourceRule
{
    [Field(1, Required = true, List = ListType.Atomic)]
    public IReadOnlyList<string> Verbs { get; init; } = [];

    [Field(2, List = ListType.Atomic)]
    public IReadOnlyList<string>? ApiGroups { get; init; }

    [Field(3, List = ListType.Atomic)]
    public IReadOnlyList<string>? Resources { get; init; }

    [Field(4, List = ListType.Atomic)]
    public IReadOnlyList<string>? ResourceNames { get; init; }
}

/// <summary>Verbs that are allowed on paths.</summary>
[ApiType("io.k8s.api.authorization.v1.NonResourceRule")]
public sealed record NonResourceRule
{
    [Field(1, Required = true, List = ListType.Atomic)]
    public IReadOnlyList<string> Verbs { get; init; } = [];

    [Field(2, List = ListType.Atomic)]
    public IReadOnlyList<string>? NonResourceURLs { get; init; }
}
