using KubeApi.Objects;

namespace ControlPlane.Registry;

/// <summary>Whose is this token?</summary>
internal sealed class TokenReviewRegistry : VirtualKindRegistry<TokenReview>;

/// <summary>As whom am I seen?</summary>
internal sealed class SelfSubjectReviewRegistry : VirtualKindRegistry<SelfSubjectReview>;

/// <summary>May somebody do this?</summary>
internal sealed class SubjectAccessReviewRegistry : VirtualKindRegistry<SubjectAccessReview>;

/// <summary>May somebody do this in this namespace?</summary>
internal sealed class LocalSubjectAccessReviewRegistry : VirtualKindRegistry<LocalSubjectAccessReview>;

/// <summary>May I do this?</summary>
internal sealed class SelfSubjectAccessReviewRegistry : VirtualKindRegistry<SelfSubjectAccessReview>;

/// <summary>What may I do?</summary>
internal sealed class SelfSubjectRulesReviewRegistry : VirtualKindRegistry<SelfSubjectRulesReview>;
