"""Addresses of the pages about received lists."""

from django.urls import path

from inspections.views import deciding, imports

urlpatterns = [
    path("imports/", imports.import_list, name="import-list"),
    path("imports/new/", imports.import_new, name="import-new"),
    path("imports/<int:import_id>/", imports.import_detail, name="import-detail"),
    path("imports/<int:import_id>/sheets/<int:position>/", imports.import_sheet, name="import-sheet"),
    path("imports/<int:import_id>/sheets/<int:position>/shown/", imports.import_shown, name="import-shown"),
    path("imports/<int:import_id>/rows/<int:row_id>/", imports.import_row, name="import-row"),
    path("imports/<int:import_id>/rows/<int:row_id>/<slug:what>/", imports.import_row_set, name="import-row-set"),
    path("imports/<int:import_id>/choose/", imports.import_choose, name="import-choose"),
    path("imports/<int:import_id>/units/", deciding.import_units, name="import-units"),
    path("imports/<int:import_id>/again/", deciding.import_again, name="import-again"),
    path("imports/<int:import_id>/meaning/", imports.import_meaning, name="import-meaning"),
    path("imports/<int:import_id>/leave-out/<slug:level>/", deciding.import_skip, name="import-skip"),
    path("imports/<int:import_id>/commit/", deciding.import_commit, name="import-commit"),
    path("imports/<int:import_id>/drop/", imports.import_drop, name="import-drop"),
    path("imports/<int:import_id>/take-back/", imports.import_take_back, name="import-take-back"),
]
