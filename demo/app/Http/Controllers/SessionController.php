<?php

namespace App\Http\Controllers;

use App\Models\User;
use Illuminate\Http\RedirectResponse;
use Illuminate\Http\Request;
use Illuminate\Support\Facades\Auth;

/** A name is all it takes: this is a demo, and nobody has anything to lose in it. */
class SessionController
{
    public function store(Request $request): RedirectResponse
    {
        User::enter($request->validate(['name' => User::NAME_RULES])['name']);

        return redirect('/');
    }

    public function destroy(Request $request): RedirectResponse
    {
        Auth::logout();
        $request->session()->invalidate();

        return redirect('/');
    }
}
