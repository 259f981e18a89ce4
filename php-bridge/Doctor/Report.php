<?php

declare(strict_types=1);

namespace Revurb\Doctor;

/**
 * All results, and the verdict.
 */
final readonly class Report
{
    /** @param  array<string, CheckResult>  $results  by the name of their check */
    public function __construct(public array $results) {}

    public function isBroken(): bool
    {
        return $this->names(Status::Problem) !== [];
    }

    /** @return 'healthy'|'warnings'|'broken' */
    public function verdict(): string
    {
        return match (true) {
            $this->isBroken() => 'broken',
            $this->names(Status::Warning) !== [] => 'warnings',
            default => 'healthy',
        };
    }

    /** @return list<string> the checks with that status */
    public function names(Status $status): array
    {
        return array_keys(array_filter($this->results, static fn (CheckResult $result): bool => $result->status === $status));
    }

    /** @return array{verdict: string, checks: list<array{name: string, status: string, code: string, detail: string, fix: string|null}>} */
    public function toArray(): array
    {
        return [
            'verdict' => $this->verdict(),
            'checks' => array_map(static fn (string $name, CheckResult $result): array => [
                'name' => $name,
                'status' => $result->status->value,
                'code' => $result->code->value,
                'detail' => $result->detail(),
                'fix' => $result->fix,
            ], array_keys($this->results), array_values($this->results)),
        ];
    }
}
